import { ByteBuilder } from '../../base/byte-builder.ts';
import { grown } from '../../base/grown-column.ts';
import type { ParseError } from '../../base/parse-error.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import { appendHistogram } from '../../model/native-histogram.ts';
import { nativeOf, type ClassicHistogram } from './classic-histogram.ts';
import type { EntryCache } from './entry-cache.ts';
import { ExemplarList } from './exemplar-list.ts';
import { entryKind, type EntryKind, type ExpositionCursor } from './exposition-cursor.ts';

const nameLabel = Buffer.from('__name__');
const leLabel = Buffer.from('le');
const suffixes = ['_bucket', '_count', '_sum'] as const;
/** In front of the keys of histograms in the cache; no key of a series begins like that. */
const keyPrefix = 0xff;

/**
 * Makes one native histogram with custom bounds of the series of each classic one, and is a cursor itself. The series are
 * passed on as well where that is wanted; otherwise their slots in the cache belong to this cursor, which deletes those that
 * do not come again. Labels of classic histograms are read each time, so this costs more than reading does.
 */
export class NhcbCursor implements ExpositionCursor {
  readonly #inner: ExpositionCursor;
  readonly #cache: EntryCache;
  readonly #keepsClassic: boolean;
  /** The labels and the value of a histogram of ours, with the exemplars of its buckets. */
  readonly #ownLabels = new LabelSetBuilder();
  readonly #ownHistogram = new ByteBuilder();
  readonly #ownExemplars = new ExemplarList();
  /** The labels of the current series without those of its bucket. */
  readonly #candidate = new LabelSetBuilder();
  /** The histogram that is collected, and its key in the cache. */
  readonly #key = new ByteBuilder();
  #collected: ClassicHistogram = { count: undefined, sum: 0, buckets: [] };
  #isCollecting = false;
  #timestamp: number | undefined;
  #start = 0;
  /** Whether the current entry is a histogram of ours, and whether that of the inner cursor is still to come. */
  #isOwn = false;
  #isHeld = false;
  #ownSlot = 0;
  #isOwnNew = false;
  /** The family that was stated last, and whether it has histograms that are native already. */
  #family = '';
  #isNative = false;
  /** In which document the slots of hidden series were last seen. */
  #seen = new Uint32Array(16);
  #document = 0;

  constructor(inner: ExpositionCursor, cache: EntryCache, options: { readonly keepsClassicHistograms: boolean }) {
    this.#inner = inner;
    this.#cache = cache;
    this.#keepsClassic = options.keepsClassicHistograms;
  }

  get error(): ParseError | undefined {
    return this.#inner.error;
  }
  get kind(): EntryKind {
    return this.#isOwn ? entryKind.histogram : this.#inner.kind;
  }
  get slot(): number {
    return this.#isOwn ? this.#ownSlot : this.#inner.slot;
  }
  get isNew(): boolean {
    return this.#isOwn ? this.#isOwnNew : this.#inner.isNew;
  }
  get value(): number {
    return this.#inner.value;
  }
  get hasTimestamp(): boolean {
    return this.#isOwn ? this.#timestamp !== undefined : this.#inner.hasTimestamp;
  }
  get timestamp(): number {
    return this.#isOwn ? (this.#timestamp ?? 0) : this.#inner.timestamp;
  }
  get startTimestamp(): number {
    return this.#isOwn ? this.#start : this.#inner.startTimestamp;
  }
  get exemplars(): ExemplarList {
    return this.#isOwn ? this.#ownExemplars : this.#inner.exemplars;
  }
  get type(): MetricType {
    return this.#inner.type;
  }

  get labels(): LabelSetBuilder {
    return this.#isOwn ? this.#ownLabels : this.#inner.labels;
  }
  get histogram(): ByteBuilder {
    return this.#isOwn ? this.#ownHistogram : this.#inner.histogram;
  }

  open(bytes: Buffer): void {
    this.#inner.open(bytes);
    this.#isCollecting = false;
    this.#isOwn = false;
    this.#isHeld = false;
    this.#family = '';
    this.#isNative = false;
    this.#document++;
  }

  familyName(): string {
    return this.#inner.familyName();
  }

  text(): string {
    return this.#inner.text();
  }

  readLabels(): void {
    // Those of our own are always there.
    if (!this.#isOwn) this.#inner.readLabels();
  }

  next(): boolean {
    this.#isOwn = false;
    for (;;) {
      if (!this.#isHeld && !this.#inner.next()) {
        if (this.error !== undefined) return false;
        if (this.#emit()) return true;
        this.#forgetHidden();
        return false;
      }
      this.#isHeld = false;
      const suffix = this.#suffix();
      const isOther = suffix === undefined || (this.#isCollecting && !this.#isSameSet());
      if (isOther && this.#isCollecting) {
        this.#isHeld = true;
        if (this.#emit()) return true;
        continue;
      }
      if (suffix === undefined) {
        this.#noteFamily();
        return true;
      }
      this.#collect(suffix);
      if (this.#keepsClassic) return true;
      this.#hide(this.#inner.slot);
    }
  }

  /** What the current entry is of the classic histogram whose labels are in `#candidate`; undefined if of none. */
  #suffix(): (typeof suffixes)[number] | undefined {
    const inner = this.#inner;
    if (inner.kind !== entryKind.series || inner.type !== metricType.histogram || this.#isNative) return undefined;
    inner.readLabels();
    const { labels } = inner;
    const name = labels.valueOf(labels.find(nameLabel));
    const suffix = suffixes.find((one) => name === this.#family + one);
    if (suffix === undefined || (suffix === '_bucket') !== labels.find(leLabel) >= 0) return undefined;
    const candidate = this.#candidate;
    labels.sortNames();
    const bytes = labels.encode();
    candidate.clear();
    candidate.addEncoded(bytes, 0, labels.encodedSize);
    candidate.setValue(candidate.find(nameLabel), this.#family);
    if (suffix === '_bucket') candidate.setValue(candidate.find(leLabel), '');
    candidate.sortNames();
    return suffix;
  }

  #isSameSet(): boolean {
    const bytes = this.#candidate.encode();
    const size = this.#candidate.encodedSize;
    return size === this.#key.size - 1 && this.#key.reserve(0).compare(bytes, 0, size, 1, size + 1) === 0;
  }

  #noteFamily(): void {
    const inner = this.#inner;
    if (inner.kind === entryKind.histogram) this.#isNative = true;
    if (inner.kind !== entryKind.type) return;
    this.#family = inner.familyName();
    this.#isNative = false;
  }

  #collect(suffix: (typeof suffixes)[number]): void {
    const inner = this.#inner;
    if (!this.#isCollecting) this.#begin();
    if (suffix === '_count') this.#collected.count = inner.value;
    else if (suffix === '_sum') this.#collected.sum = inner.value;
    else {
      const bound = inner.labels.valueOf(inner.labels.find(leLabel));
      this.#collected.buckets.push([bound === '+Inf' ? Infinity : Number(bound), inner.value]);
    }
    if (inner.hasTimestamp) this.#timestamp = inner.timestamp;
    if (inner.startTimestamp !== 0) this.#start = inner.startTimestamp;
    this.#ownExemplars.addTimed(inner.exemplars);
  }

  #begin(): void {
    const bytes = this.#candidate.encode();
    const size = this.#candidate.encodedSize;
    this.#isCollecting = true;
    this.#collected = { count: undefined, sum: 0, buckets: [] };
    this.#timestamp = undefined;
    this.#start = 0;
    this.#ownExemplars.clear();
    this.#key.clear();
    this.#key.reserve(1)[0] = keyPrefix;
    this.#key.advanceTo(1);
    this.#key.append(bytes, 0, size);
    this.#ownLabels.clear();
    this.#ownLabels.addEncoded(bytes, 0, size);
    this.#ownLabels.sortNames();
  }

  /** Ends collecting, and makes what was collected the current entry; false if that is nothing, or makes no sense. */
  #emit(): boolean {
    if (!this.#isCollecting) return false;
    this.#isCollecting = false;
    const native = nativeOf(this.#collected);
    if (native === undefined) return false;
    this.#ownHistogram.clear();
    appendHistogram(this.#ownHistogram, native);
    const key = this.#key.reserve(0);
    this.#ownSlot = this.#cache.find(key, 0, this.#key.size);
    this.#isOwnNew = this.#ownSlot === 0;
    if (this.#isOwnNew) this.#ownSlot = this.#cache.add(key, 0, this.#key.size);
    this.#isOwn = true;
    return true;
  }

  /** Remembers that a series came which is not passed on. */
  #hide(slot: number): void {
    if (slot >= this.#seen.length) this.#seen = grown(this.#seen, new Uint32Array(this.#cache.capacity));
    if (slot !== 0) this.#seen[slot] = this.#document;
  }

  #forgetHidden(): void {
    for (const [slot, document] of this.#seen.entries()) {
      if (document === 0 || document === this.#document) continue;
      this.#seen[slot] = 0;
      this.#cache.delete(slot);
    }
  }
}
