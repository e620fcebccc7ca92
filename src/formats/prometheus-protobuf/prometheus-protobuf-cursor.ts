import { isUtf8 } from 'node:buffer';
import { ByteBuilder } from '../../base/byte-builder.ts';
import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import { appendHistogram } from '../../model/native-histogram.ts';
import { canonicalFloat } from '../exposition/canonical-float.ts';
import type { EntryCache } from '../exposition/entry-cache.ts';
import { ExemplarList } from '../exposition/exemplar-list.ts';
import { entryKind, type EntryKind, type ExpositionCursor } from '../exposition/exposition-cursor.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { familyTypes } from './family-types.ts';
import { MetricReader, type HistogramOptions } from './metric-reader.ts';
import { pointKind, pointSuffixes } from './metric-points.ts';

const noBytes = Buffer.alloc(0);
/** A range of the document. */
interface Range {
  start: number;
  end: number;
}

/** Reads the protobuf format: `MetricFamily` messages, each with its length in front. */
export class PrometheusProtobufCursor implements ExpositionCursor {
  error: ParseError | undefined;
  kind: EntryKind = entryKind.series;
  slot = 0;
  isNew = false;
  readonly labels = new LabelSetBuilder();
  value = 0;
  hasTimestamp = false;
  timestamp = 0;
  startTimestamp = 0;
  readonly histogram = new ByteBuilder();
  readonly exemplars = new ExemplarList();
  type: MetricType = metricType.unknown;
  readonly #cache: EntryCache;
  readonly #families = new FieldReader();
  readonly #family = new FieldReader();
  readonly #pair = new FieldReader();
  readonly #metric: MetricReader;
  readonly #exemplarLabels = new LabelSetBuilder();
  /** What names the current series in the cache. */
  readonly #key = new ByteBuilder();
  readonly #bound = Buffer.alloc(8);
  readonly #name: Range = { start: 0, end: 0 };
  readonly #help: Range = { start: 0, end: 0 };
  readonly #unit: Range = { start: 0, end: 0 };
  #bytes: Buffer = noBytes;
  #familyCount = 0;
  /** What is still to be told of the family before its metrics. */
  #announcements: EntryKind[] = [];
  #isFamilyOpen = false;
  #nextPoint = 0;

  constructor(cache: EntryCache, options: HistogramOptions) {
    this.#cache = cache;
    this.#metric = new MetricReader(options);
  }

  open(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#families.open(bytes, 0, bytes.length);
    this.#familyCount = 0;
    this.#announcements = [];
    this.#isFamilyOpen = false;
    this.#nextPoint = 0;
    this.#metric.points.clear();
    this.error = undefined;
    this.type = metricType.unknown;
    this.#cache.rewind();
  }

  next(): boolean {
    const isThere = this.error === undefined && this.#read();
    // A document is not kept alive by the cursor of its target.
    if (!isThere) this.#close();
    return isThere;
  }

  readLabels(): void {
    if (this.isNew) return;
    this.#fill(this.#nextPoint - 1);
    this.labels.sortNames();
  }

  familyName(): string {
    return utf8(this.#bytes, this.#name.start, this.#name.end);
  }

  text(): string {
    const { start, end } = this.kind === entryKind.unit ? this.#unit : this.#help;
    return utf8(this.#bytes, start, end);
  }

  #close(): void {
    this.#bytes = noBytes;
    for (const reader of [this.#families, this.#family, this.#pair]) reader.open(noBytes, 0, 0);
    this.#metric.close();
  }

  #read(): boolean {
    for (;;) {
      const announced = this.#announcements.pop();
      if (announced !== undefined) {
        this.kind = announced;
        return true;
      }
      if (this.#nextPoint < this.#metric.points.count) return this.#readPoint(this.#nextPoint++);
      if (!this.#nextMetric() && !this.#nextFamily()) return false;
      if (this.error !== undefined) return false;
    }
  }

  /** Goes to the next metric of the family; false if there is none. */
  #nextMetric(): boolean {
    const family = this.#family;
    while (this.#isFamilyOpen && family.next()) {
      if (!family.is(4, wireType.bytes)) continue;
      if (!this.#metric.read(this.#bytes, family.start, family.end, this.type))
        this.#fail('a metric that is not valid');
      this.#nextPoint = this.#metric.first;
      return true;
    }
    this.#isFamilyOpen = false;
    return false;
  }

  /** Goes to the next family that has metrics; false if there is none. */
  #nextFamily(): boolean {
    while (this.#families.nextVarint()) {
      const size = this.#families.value;
      const start = this.#families.at;
      this.#familyCount++;
      if (size < 0 || size > this.#bytes.length - start) return this.#fail('fewer bytes than it should have');
      this.#families.open(this.#bytes, start + size, this.#bytes.length);
      if (!this.#openFamily(start, start + size)) return false;
      if (this.#isFamilyOpen) return true;
    }
    if (!this.#families.isBroken) return false;
    this.#familyCount++;
    return this.#fail('no valid length');
  }

  #openFamily(start: number, end: number): boolean {
    const family = this.#family;
    let type: MetricType | undefined = metricType.counter;
    this.#name.end = this.#name.start = start;
    this.#help.end = this.#help.start = start;
    this.#unit.end = this.#unit.start = start;
    family.open(this.#bytes, start, end);
    while (family.next()) {
      if (family.is(1, wireType.bytes)) this.#note(this.#name);
      else if (family.is(2, wireType.bytes)) this.#note(this.#help);
      else if (family.is(3, wireType.varint)) type = familyTypes[family.value];
      else if (family.is(4, wireType.bytes)) this.#isFamilyOpen = true;
      else if (family.is(5, wireType.bytes)) this.#note(this.#unit);
    }
    if (family.isBroken) return this.#fail('no valid fields');
    if (type === undefined) return this.#fail('an unknown type');
    if (!isUtf8(this.#bytes.subarray(this.#name.start, this.#name.end))) return this.#fail('a name that is not UTF-8');
    if (!this.#isFamilyOpen) return true;
    if (this.#name.start === this.#name.end) return this.#fail('no name');
    this.type = type;
    this.#announcements = this.#unit.end > this.#unit.start ? [entryKind.unit] : [];
    this.#announcements.push(entryKind.type, entryKind.help);
    family.open(this.#bytes, start, end);
    return true;
  }

  #note(range: Range): void {
    range.start = this.#family.start;
    range.end = this.#family.end;
  }

  #readPoint(point: number): boolean {
    const metric = this.#metric;
    const { points } = metric;
    const isHistogram = points.kinds[point] === pointKind.histogram;
    this.kind = isHistogram ? entryKind.histogram : entryKind.series;
    this.value = points.values[point] ?? 0;
    this.timestamp = metric.timestamp;
    this.hasTimestamp = metric.timestamp !== 0;
    this.startTimestamp = metric.startTimestamp;
    if (!this.#findSeries(point)) return false;
    this.exemplars.clear();
    if (isHistogram) {
      this.histogram.clear();
      appendHistogram(this.histogram, metric.histogram);
      for (const [index, start] of metric.exemplarStarts.entries())
        if (!this.#readExemplar(start, metric.exemplarEnds[index] ?? 0, true))
          return this.#fail('an exemplar that is not valid');
      return true;
    }
    const start = points.exemplarStarts[point] ?? 0;
    const end = points.exemplarEnds[point] ?? 0;
    return end === start || this.#readExemplar(start, end, false) || this.#fail('an exemplar that is not valid');
  }

  #findSeries(point: number): boolean {
    const cache = this.#cache;
    const size = this.#writeKey(point);
    const key = this.#key.reserve(0);
    this.slot = cache.expected(key, 0, size);
    if (this.slot === 0 || cache.sizeOf(this.slot) !== size) this.slot = cache.find(key, 0, size);
    this.isNew = this.slot === 0;
    if (this.isNew) {
      if (!this.#fill(point)) return this.#fail('a label that is not valid');
      const twice = this.labels.sortNames();
      if (twice >= 0) return this.#fail(`label ${JSON.stringify(this.labels.nameOf(twice))} twice`);
      this.slot = cache.add(key, 0, size);
    }
    if (this.slot !== 0) cache.visit(this.slot);
    return true;
  }

  #writeKey(point: number): number {
    const key = this.#key;
    const { points, labelStarts, labelEnds } = this.#metric;
    const bytes = this.#bytes;
    const { start, end } = this.#name;
    key.clear();
    this.#bound.writeDoubleLE(points.bounds[point] ?? 0);
    const header = key.reserve(8);
    header[0] = points.kinds[point] ?? 0;
    header.writeUInt32LE(end - start, 1);
    key.advanceTo(5);
    key.append(this.#bound, 0, 8);
    key.append(bytes, start, end);
    for (let index = 0; index < labelStarts.length; index++)
      key.append(bytes, labelStarts[index] ?? 0, labelEnds[index] ?? 0);
    return key.size;
  }

  /** Builds the labels of a point; false if they are not valid. */
  #fill(point: number): boolean {
    const { points, labelStarts, labelEnds } = this.#metric;
    const kind = points.kinds[point] ?? 0;
    const { labels } = this;
    labels.clear();
    labels.addText('__name__', this.familyName() + (pointSuffixes[kind] ?? ''));
    for (let index = 0; index < labelStarts.length; index++) {
      const tagEnd = labelEnds[index] ?? 0;
      this.#pair.open(this.#bytes, labelStarts[index] ?? 0, tagEnd);
      if (!this.#pair.next() || !this.#addPair(labels, this.#pair.start, this.#pair.end)) return false;
    }
    const bound = points.bounds[point] ?? 0;
    if (kind === pointKind.bucket) labels.addText('le', canonicalFloat(bound));
    if (kind === pointKind.quantile) labels.addText('quantile', canonicalFloat(bound));
    return true;
  }

  /** Adds the label of a `LabelPair`; false if it is not valid. */
  #addPair(labels: LabelSetBuilder, start: number, end: number): boolean {
    const pair = this.#pair;
    const bytes = this.#bytes;
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    pair.open(bytes, start, end);
    while (pair.next()) {
      if (pair.is(1, wireType.bytes)) {
        nameStart = pair.start;
        nameEnd = pair.end;
      } else if (pair.is(2, wireType.bytes)) {
        valueStart = pair.start;
        valueEnd = pair.end;
      }
    }
    if (pair.isBroken || nameStart === nameEnd) return false;
    if (!isUtf8(bytes.subarray(nameStart, nameEnd)) || !isUtf8(bytes.subarray(valueStart, valueEnd))) return false;
    labels.add(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
    return true;
  }

  /** Adds an exemplar; one of a native histogram must have a time to be of use. False if it is not valid. */
  #readExemplar(start: number, end: number, needsTime: boolean): boolean {
    const fields = new FieldReader();
    const labels = this.#exemplarLabels;
    let value = 0;
    let timestamp = Number.NaN;
    labels.clear();
    fields.open(this.#bytes, start, end);
    while (fields.next()) {
      if (fields.is(1, wireType.bytes)) {
        if (!this.#addPair(labels, fields.start, fields.end)) return false;
      } else if (fields.is(2, wireType.fixed64)) value = this.#bytes.readDoubleLE(fields.start);
      else if (fields.is(3, wireType.bytes)) timestamp = this.#metric.timeOf(fields.start, fields.end);
    }
    if (fields.isBroken || labels.sortNames() >= 0) return false;
    if (!needsTime || !Number.isNaN(timestamp)) this.exemplars.add(labels, value, timestamp);
    return true;
  }

  #fail(what: string): false {
    this.error ??= new ParseError(`family ${this.#familyCount} of the protobuf exposition has ${what}`);
    return false;
  }
}
