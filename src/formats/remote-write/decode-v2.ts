import { isUtf8 } from 'node:buffer';
import { utf8 } from '../../base/bytes.ts';
import { grown } from '../../base/grown-column.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { LabelSetBuilder } from '../../model/label-set-builder.ts';
import type { SeriesRef, SeriesTable } from '../../model/series-table.ts';
import { setTypeLabels } from '../../model/type-labels.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { decodeTimedHistogram } from './decode-histogram.ts';
import { knownType } from './decode-v1.ts';
import type { DecodedWrite, WriteLimits } from './decoded-write.ts';
import { WriteCollector } from './write-collector.ts';

/** The label with the name of a metric. */
const nameLabel = Buffer.from('__name__');

export interface DecodeV2Options {
  /** Whether series get labels for their type and unit. */
  readonly hasTypeLabels?: boolean;
}

/** Reads an `io.prometheus.write.v2.Request`, without compression. One of version 1 has nothing in it. */
export function decodeWriteV2(
  bytes: Buffer,
  table: SeriesTable,
  limits: WriteLimits,
  options: DecodeV2Options = {},
): DecodedWrite | ParseError {
  return new V2Decoder(bytes, table, limits, options.hasTypeLabels === true).decode();
}

/** What a request says of the metric of a series; texts by their symbols. */
interface Metadata {
  readonly type: number;
  readonly help: number;
  readonly unit: number;
}

const noMetadata: Metadata = { type: 0, help: 0, unit: 0 };

class V2Decoder {
  readonly #bytes: Buffer;
  readonly #limits: WriteLimits;
  readonly #hasTypeLabels: boolean;
  readonly #collector: WriteCollector;
  readonly #request = new FieldReader();
  readonly #series = new FieldReader();
  readonly #item = new FieldReader();
  readonly #refs = new FieldReader();
  #symbolStarts = new Uint32Array(64);
  #symbolEnds = new Uint32Array(64);
  /** Of each symbol, whether it was found to be text: 1 if it is, 2 if it is not. */
  #symbolIsText = new Uint8Array(64);
  #symbolCount = 0;
  /** The numbers of families, by their metric, type and texts. */
  readonly #families = new Map<string, number>();
  #labelProblem: string | undefined;
  #isRefPending = false;
  #pendingName = 0;

  constructor(bytes: Buffer, table: SeriesTable, limits: WriteLimits, hasTypeLabels: boolean) {
    this.#bytes = bytes;
    this.#hasTypeLabels = hasTypeLabels;
    this.#limits = limits;
    this.#collector = new WriteCollector(table, limits);
  }

  decode(): DecodedWrite | ParseError {
    const request = this.#request;
    const collector = this.#collector;
    const { maxItems } = this.#limits;
    let isValid = true;
    request.open(this.#bytes, 0, this.#bytes.length);
    while (request.next() && this.#symbolCount <= maxItems) if (request.is(4, wireType.bytes)) this.#addSymbol();
    if (!request.isBroken) {
      request.open(this.#bytes, 0, this.#bytes.length);
      while (isValid && !collector.isTooLarge && this.#symbolCount <= maxItems && request.next())
        if (request.is(5, wireType.bytes)) isValid = this.#readSeries(request.start, request.end);
    }
    const isTooLarge = collector.isTooLarge || this.#symbolCount > maxItems;
    if (isValid && !request.isBroken && !isTooLarge) {
      const isFirstEmpty = this.#symbolCount === 0 || this.#symbolStarts[0] === this.#symbolEnds[0];
      if (isFirstEmpty) return collector.finish();
      collector.abandon();
      return new ParseError('the first symbol of write request is not empty');
    }
    collector.abandon();
    if (isTooLarge) return new ParseError(`write request has more than ${maxItems} series, samples or symbols`);
    return new ParseError('write request is not valid protobuf');
  }

  #addSymbol(): void {
    const at = this.#symbolCount++;
    if (at === this.#symbolStarts.length) {
      this.#symbolStarts = grown(this.#symbolStarts, new Uint32Array(2 * at));
      this.#symbolEnds = grown(this.#symbolEnds, new Uint32Array(2 * at));
      this.#symbolIsText = new Uint8Array(2 * at);
    }
    this.#symbolStarts[at] = this.#request.start;
    this.#symbolEnds[at] = this.#request.end;
  }

  /** Reads the labels and metadata first, wherever they are. */
  #readSeries(start: number, end: number): boolean {
    const series = this.#series;
    const collector = this.#collector;
    let metadataStart = -1;
    let metadataEnd = -1;
    collector.labels.clear();
    this.#openLabels();
    series.open(this.#bytes, start, end);
    while (series.next()) {
      if (series.number === 1) {
        if (!this.#readRefs(series, collector.labels)) return false;
      } else if (series.is(5, wireType.bytes)) {
        metadataStart = series.start;
        metadataEnd = series.end;
      }
    }
    if (series.isBroken) return false;
    const metadata = metadataStart < 0 ? noMetadata : this.#readMetadata(metadataStart, metadataEnd);
    if (metadata === undefined) return false;
    const { type, unit } = metadata;
    if (this.#hasTypeLabels && (type !== 0 || unit !== 0))
      setTypeLabels(collector.labels, knownType(type), this.#symbol(unit));
    const ref = collector.openSeries(this.#closeLabels());
    const family = ref === 0 ? 0 : this.#familyOf(metadata);
    series.open(this.#bytes, start, end);
    while (series.next() && !collector.isTooLarge) {
      if (series.type !== wireType.bytes) continue;
      if (series.number === 2) {
        if (!collector.addSample(ref, family, this.#bytes, series.start, series.end)) return false;
      } else if (series.number === 3) {
        const timed = decodeTimedHistogram(this.#bytes, series.start, series.end);
        if (timed === undefined) return false;
        collector.addHistogram(ref, family, timed);
      } else if (series.number === 4 && !this.#readExemplar(ref, series.start, series.end)) return false;
    }
    return true;
  }

  #openLabels(): void {
    this.#labelProblem = undefined;
    this.#isRefPending = false;
  }

  /** What is wrong with the labels that were read. */
  #closeLabels(): string | undefined {
    if (this.#isRefPending) this.#labelProblem ??= 'series has a label without a value';
    return this.#labelProblem;
  }

  /** Reads numbers of names and values in turn, packed or one by one; false if they are broken. */
  #readRefs(field: FieldReader, labels: LabelSetBuilder): boolean {
    if (field.type === wireType.varint) this.#takeRef(field.value, labels);
    if (field.type !== wireType.bytes) return true;
    const refs = this.#refs;
    refs.open(this.#bytes, field.start, field.end);
    while (refs.nextVarint()) this.#takeRef(refs.value, labels);
    return !refs.isBroken;
  }

  #takeRef(ref: number, labels: LabelSetBuilder): void {
    if (ref < 0 || ref >= this.#symbolCount) {
      this.#labelProblem ??= `series refers to symbol ${ref} of ${this.#symbolCount}`;
      return;
    }
    this.#isRefPending = !this.#isRefPending;
    if (this.#isRefPending) {
      this.#pendingName = ref;
      return;
    }
    const bytes = this.#bytes;
    const nameStart = this.#symbolStarts[this.#pendingName] ?? 0;
    const nameEnd = this.#symbolEnds[this.#pendingName] ?? 0;
    const valueStart = this.#symbolStarts[ref] ?? 0;
    const valueEnd = this.#symbolEnds[ref] ?? 0;
    if (!this.#isText(this.#pendingName) || !this.#isText(ref)) this.#labelProblem ??= 'label is not valid UTF-8';
    labels.add(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
  }

  #isText(symbol: number): boolean {
    let known = this.#symbolIsText[symbol] ?? 0;
    if (known === 0) {
      const isText = isUtf8(this.#bytes.subarray(this.#symbolStarts[symbol], this.#symbolEnds[symbol]));
      known = this.#symbolIsText[symbol] = isText ? 1 : 2;
    }
    return known === 1;
  }

  #readExemplar(series: SeriesRef, start: number, end: number): boolean {
    const item = this.#item;
    const collector = this.#collector;
    let value = 0;
    let timestamp = 0;
    collector.exemplarLabels.clear();
    this.#openLabels();
    item.open(this.#bytes, start, end);
    while (item.next()) {
      if (item.number === 1) {
        if (!this.#readRefs(item, collector.exemplarLabels)) return false;
      } else if (item.is(2, wireType.fixed64)) value = this.#bytes.readDoubleLE(item.start);
      else if (item.is(3, wireType.varint)) timestamp = item.value;
    }
    if (item.isBroken) return false;
    if (this.#closeLabels() === undefined) collector.addExemplar(series, value, timestamp);
    return true;
  }

  /** Undefined if the message is broken. */
  #readMetadata(start: number, end: number): Metadata | undefined {
    const item = this.#item;
    let { type, help, unit } = noMetadata;
    item.open(this.#bytes, start, end);
    while (item.next()) {
      if (item.is(1, wireType.varint)) type = item.value;
      else if (item.is(3, wireType.varint)) help = item.value;
      else if (item.is(4, wireType.varint)) unit = item.value;
    }
    return item.isBroken ? undefined : { type, help, unit };
  }

  /** The number of the family of the current series; 0 if nothing is known of it. */
  #familyOf({ type, help, unit }: Metadata): number {
    if (type === 0 && help === 0 && unit === 0) return 0;
    const { labels, families } = this.#collector;
    const name = labels.valueOf(labels.find(nameLabel));
    const key = `${type} ${help} ${unit} ${name}`;
    let family = this.#families.get(key);
    if (family === undefined) {
      family = families.push({ name, type: knownType(type), help: this.#symbol(help), unit: this.#symbol(unit) });
      this.#families.set(key, family);
    }
    return family;
  }

  #symbol(ref: number): string {
    return utf8(this.#bytes, this.#symbolStarts[ref] ?? 0, this.#symbolEnds[ref] ?? 0);
  }
}
