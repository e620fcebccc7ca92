import { ownString, TextWindow } from '../../../base/text-window.ts';
import { Labels } from '../../../model/labels.ts';
import { labelsOf, metadataOf, type LogBatch } from '../../../model/log-batch.ts';
import type { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { MetadataPair } from '../../../model/structured-metadata.ts';
import { Extracted, type ExtractedSnapshot, type ExtractedValue } from './extracted.ts';
import type { Slots } from './slots.ts';

const noBytes = Buffer.alloc(0);
const noPairs: readonly MetadataPair[] = [];

/** An entry that a stage keeps until later, without its line. */
export interface EntrySnapshot {
  readonly seconds: number;
  readonly nanos: number;
  readonly labels: Labels;
  readonly metadata: readonly MetadataPair[];
  readonly extracted: ExtractedSnapshot;
}

/** The same entry without strings that are cut out of a batch, and would keep that in memory. */
export function ownedEntry(entry: EntrySnapshot): EntrySnapshot {
  const { values, others } = entry.extracted;
  return {
    ...entry,
    metadata: entry.metadata.map((pair) => ({ ...pair, value: ownString(pair.value) })),
    extracted: {
      ...entry.extracted,
      values: values.map(ownedValue),
      others: others && new Map(others.entries().map(([name, value]) => [ownString(name), ownedValue(value)])),
    },
  };
}

function ownedValue(value: ExtractedValue): ExtractedValue {
  return typeof value === 'string' ? ownString(value) : value;
}

/**
 * The entry that goes through a pipeline. There is one cursor for all entries: stages read and change it in turn. The
 * line is bytes or text, whichever a stage made of it last, and becomes the other form only when a stage asks for it.
 */
export class Cursor {
  readonly extracted: Extracted;
  seconds = 0;
  nanos = 0;
  labels: Labels = Labels.empty;
  /** The line as a range of bytes; right only after `needBytes`. */
  bytes: Buffer = noBytes;
  start = 0;
  end = 0;
  readonly #window = new TextWindow();
  #text: string | undefined;
  #isText = false;
  #batch: LogBatch | undefined;
  #index = 0;
  /** Structured metadata, as many pairs as the count says, if it is other than that in the batch. */
  readonly #metadata: MetadataPair[] = [];
  #metadataCount = 0;
  #hasOwnMetadata = false;

  constructor(slots: Slots) {
    this.extracted = new Extracted(slots, Labels.empty);
  }

  /** Moves to an entry of a batch. */
  load(batch: LogBatch, index: number): void {
    this.#batch = batch;
    this.#index = index;
    this.seconds = batch.seconds[index] ?? 0;
    this.nanos = batch.nanos[index] ?? 0;
    this.labels = labelsOf(batch, index);
    this.setBytes(batch.bytes, batch.lineStarts[index] ?? 0, batch.lineEnds[index] ?? 0);
    this.#hasOwnMetadata = false;
    this.extracted.reset(this.labels);
  }

  /** Whether `bytes` is the memory of the batch, which stays as it is until all of the batch is through. */
  get isInBatch(): boolean {
    return this.bytes === this.#batch?.bytes;
  }

  /** A range of the bytes of the line as text, good for as long as the entry is. */
  slice(start: number, end: number): string {
    return this.#window.slice(this.bytes, start, end);
  }

  /** The line as text; broken UTF-8 in it is replaced there, and stays as it is in the bytes. */
  text(): string {
    this.#text ??= this.#window.slice(this.bytes, this.start, this.end);
    return this.#text;
  }

  /** Lets go of the batch whose entries are through. */
  unload(): void {
    this.#batch = undefined;
    this.bytes = noBytes;
    this.#text = undefined;
    this.#window.clear();
  }

  /** Makes `bytes`, `start` and `end` the line. */
  needBytes(): void {
    if (this.#isText) this.setBytes(Buffer.from(this.text()), 0);
  }

  setText(text: string): void {
    this.#text = text;
    this.#isText = true;
  }

  /** Makes a range of bytes the line. They must stay as they are until the entry is through. */
  setBytes(bytes: Buffer, start: number, end = bytes.length): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#text = undefined;
    this.#isText = false;
  }

  /** Structured metadata, in its order. */
  metadata(): readonly MetadataPair[] {
    this.#needMetadata();
    return this.#metadataCount === 0 ? noPairs : this.#metadata.slice(0, this.#metadataCount);
  }

  /** Adds a pair, or replaces the value where the name is there. */
  setMetadata(pair: MetadataPair): void {
    this.#needMetadata();
    let at = 0;
    while (at < this.#metadataCount && this.#metadata[at]?.name !== pair.name) at++;
    this.#metadata[at] = pair;
    if (at === this.#metadataCount) this.#metadataCount++;
  }

  /** Makes some pairs all of the structured metadata. */
  replaceMetadata(pairs: readonly MetadataPair[]): void {
    this.#hasOwnMetadata = true;
    this.#metadataCount = pairs.length;
    for (let index = 0; index < pairs.length; index++) this.#metadata[index] = pairs[index] as MetadataPair;
  }

  /** Adds the entry, as it is now, to a batch whose arena is that of the batch it came from. */
  addTo(builder: LogBatchBuilder): void {
    const { seconds, nanos, labels } = this;
    const batch = this.#batch;
    if (this.#isText) {
      const start = builder.keepText(this.text());
      builder.add(start, builder.end, seconds, nanos, labels);
    } else if (this.isInBatch) {
      builder.add(this.start, this.end, seconds, nanos, labels);
    } else {
      const start = builder.keep(this.bytes, this.start, this.end);
      builder.add(start, builder.end, seconds, nanos, labels);
    }
    if (this.#hasOwnMetadata) {
      builder.addPairs(this.#metadata, this.#metadataCount);
    } else if (batch?.metadata !== undefined) {
      const { bytes, starts, ends } = batch.metadata;
      builder.addMetadata(bytes, starts[this.#index] ?? 0, ends[this.#index] ?? 0);
    }
  }

  /** The entry as it is now without its line, independent of the batch it came from. */
  snapshot(): EntrySnapshot {
    return {
      seconds: this.seconds,
      nanos: this.nanos,
      labels: this.labels,
      metadata: this.metadata(),
      extracted: this.extracted.snapshot(),
    };
  }

  /** Makes a snapshot the entry under the cursor; it has the line that is there until another is set. */
  restore({ seconds, nanos, labels, metadata, extracted }: EntrySnapshot): void {
    this.seconds = seconds;
    this.nanos = nanos;
    this.labels = labels;
    this.replaceMetadata(metadata);
    this.extracted.restore(extracted);
  }

  #needMetadata(): void {
    if (this.#hasOwnMetadata) return;
    this.replaceMetadata(this.#batch?.metadata === undefined ? [] : metadataOf(this.#batch, this.#index));
  }
}
