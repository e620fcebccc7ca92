import { isUtf8 } from 'node:buffer';
import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricTypeNames, type MetricType } from '../../model/metric-family.ts';
import type { SeriesRef, SeriesTable } from '../../model/series-table.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { decodeTimedHistogram } from './decode-histogram.ts';
import type { DecodedWrite, WriteLimits } from './decoded-write.ts';
import { WriteCollector } from './write-collector.ts';

/** Reads a `prometheus.WriteRequest`, without compression. */
export function decodeWriteV1(bytes: Buffer, table: SeriesTable, limits: WriteLimits): DecodedWrite | ParseError {
  return new V1Decoder(bytes, table, limits).decode();
}

class V1Decoder {
  readonly #bytes: Buffer;
  readonly #limits: WriteLimits;
  readonly #collector: WriteCollector;
  readonly #request = new FieldReader();
  readonly #series = new FieldReader();
  readonly #item = new FieldReader();
  readonly #pair = new FieldReader();
  #labelProblem: string | undefined;

  constructor(bytes: Buffer, table: SeriesTable, limits: WriteLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#collector = new WriteCollector(table, limits);
  }

  decode(): DecodedWrite | ParseError {
    const request = this.#request;
    const collector = this.#collector;
    let isValid = true;
    request.open(this.#bytes, 0, this.#bytes.length);
    while (isValid && !collector.isTooLarge && request.next()) {
      if (request.is(1, wireType.bytes)) isValid = this.#readSeries(request.start, request.end);
      else if (request.is(3, wireType.bytes)) isValid = this.#readMetadata(request.start, request.end);
    }
    if (isValid && !request.isBroken && !collector.isTooLarge) return collector.finish();
    collector.abandon();
    if (collector.isTooLarge)
      return new ParseError(`write request has more than ${this.#limits.maxItems} series, samples or families`);
    return new ParseError('write request is not valid protobuf');
  }

  #readSeries(start: number, end: number): boolean {
    const series = this.#series;
    const collector = this.#collector;
    const ref = this.#openSeries(start, end);
    if (ref < 0) return false;
    series.open(this.#bytes, start, end);
    while (series.next() && !collector.isTooLarge) {
      if (series.type !== wireType.bytes) continue;
      if (series.number === 2) {
        if (!collector.addSample(ref, 0, this.#bytes, series.start, series.end)) return false;
      } else if (series.number === 3) {
        if (!this.#readExemplar(ref, series.start, series.end)) return false;
      } else if (series.number === 4) {
        const timed = decodeTimedHistogram(this.#bytes, series.start, series.end);
        if (timed === undefined) return false;
        collector.addHistogram(ref, 0, timed);
      }
    }
    return true;
  }

  /** The series of a message, whose labels may be anywhere in it; 0 if it is left out, and -1 if it is broken. */
  #openSeries(start: number, end: number): SeriesRef {
    const series = this.#series;
    const collector = this.#collector;
    let labelsStart = -1;
    let labelsEnd = -1;
    let isInOneRange = true;
    series.open(this.#bytes, start, end);
    while (series.next()) {
      if (!series.is(1, wireType.bytes)) continue;
      if (labelsStart < 0) labelsStart = series.tagStart;
      else isInOneRange &&= series.tagStart === labelsEnd;
      labelsEnd = series.end;
    }
    if (series.isBroken) return -1;
    const known = isInOneRange && labelsStart >= 0 ? collector.openKnownSeries(this.#bytes, labelsStart, labelsEnd) : 0;
    if (known !== 0) return known;
    collector.labels.clear();
    this.#labelProblem = undefined;
    series.open(this.#bytes, start, end);
    while (series.next())
      if (series.is(1, wireType.bytes) && !this.#readLabel(collector.labels, series.start, series.end)) return -1;
    return collector.openSeries(this.#labelProblem);
  }

  #readLabel(labels: LabelSetBuilder, start: number, end: number): boolean {
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
    const isText = isUtf8(bytes.subarray(nameStart, nameEnd)) && isUtf8(bytes.subarray(valueStart, valueEnd));
    if (!isText) this.#labelProblem ??= 'label is not valid UTF-8';
    labels.add(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd);
    return !pair.isBroken;
  }

  #readExemplar(series: SeriesRef, start: number, end: number): boolean {
    const item = this.#item;
    const collector = this.#collector;
    let value = 0;
    let timestamp = 0;
    collector.exemplarLabels.clear();
    item.open(this.#bytes, start, end);
    while (item.next()) {
      if (item.is(1, wireType.bytes)) {
        if (!this.#readLabel(collector.exemplarLabels, item.start, item.end)) return false;
      } else if (item.is(2, wireType.fixed64)) value = this.#bytes.readDoubleLE(item.start);
      else if (item.is(3, wireType.varint)) timestamp = item.value;
    }
    collector.addExemplar(series, value, timestamp);
    return !item.isBroken;
  }

  #readMetadata(start: number, end: number): boolean {
    const item = this.#item;
    let type = 0;
    let name = '';
    let help = '';
    let unit = '';
    item.open(this.#bytes, start, end);
    while (item.next()) {
      if (item.is(1, wireType.varint)) type = item.value;
      else if (item.type === wireType.bytes) {
        if (item.number === 2) name = utf8(this.#bytes, item.start, item.end);
        else if (item.number === 4) help = utf8(this.#bytes, item.start, item.end);
        else if (item.number === 5) unit = utf8(this.#bytes, item.start, item.end);
      }
    }
    this.#collector.families.push({ name, type: knownType(type), help, unit });
    return !item.isBroken;
  }
}

/** The type with a number; a type that is not known is none. */
export function knownType(number: number): MetricType {
  return number >= 0 && number < metricTypeNames.length ? (number as MetricType) : 0;
}
