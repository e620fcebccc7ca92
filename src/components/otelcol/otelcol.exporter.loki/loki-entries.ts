import type { Milliseconds } from '../../../base/duration.ts';
import type { Instant } from '../../../base/instant.ts';
import { LineClock } from '../../../files/line-clock.ts';
import { readValueText } from '../../../formats/otlp/any-value-text.ts';
import { LogCursor } from '../../../formats/otlp/log-cursor.ts';
import { readNanoTime } from '../../../formats/otlp/nano-time.ts';
import { ValueCursor } from '../../../formats/otlp/value-cursor.ts';
import { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { pieceSize, type Converter } from '../converter.ts';
import { hints } from './hint.ts';
import { JsonLines } from './json-line.ts';
import { LogfmtLines } from './logfmt-line.ts';
import { Promotion } from './promotion.ts';

const noBytes = Buffer.alloc(0);

/** Told of what becomes of records. */
export interface EntryCounts {
  processed(): void;
  failed(why: string): void;
}

/** Makes log entries of the records of one batch after the other. */
export class LokiEntries implements Converter<OtlpBatch, LogBatch> {
  readonly #counts: EntryCounts;
  readonly #records = new LogCursor();
  readonly #promotion = new Promotion();
  readonly #json = new JsonLines();
  readonly #logfmt = new LogfmtLines();
  readonly #builder = new LogBatchBuilder();
  readonly #value = new ValueCursor();
  /** For records without a time, so that equal lines do not become one in Loki. */
  readonly #clock = new LineClock();
  readonly #time: Instant = { seconds: 0, nanos: 0 };
  /** The attributes that are in the line of a record. */
  readonly #attributes: number[] = [];
  readonly #resources: number[] = [];
  /** How the line of the record is written. */
  #format = '';
  #now: Milliseconds = 0;
  #isInResource = false;
  #isInScope = false;
  /** Of the record before in the scope: its severity, and its attributes; -1 if there was none. */
  #lastSeverity = 0;
  #lastCount = -1;
  #lastStart = 0;
  #lastFirstEnd = 0;
  #lastEnd = 0;

  constructor(counts: EntryCounts) {
    this.#counts = counts;
  }

  open(batch: OtlpBatch): void {
    this.#records.open(batch);
    this.#isInResource = this.#isInScope = false;
  }

  next(): LogBatch | undefined {
    const builder = this.#builder;
    this.#now = Date.now();
    builder.start(noBytes, this.#now);
    while (builder.kept.size < pieceSize && this.#nextRecord()) this.#add();
    return builder.finish();
  }

  #nextRecord(): boolean {
    const records = this.#records;
    for (;;) {
      if (this.#isInScope && records.nextRecord()) return true;
      this.#lastCount = -1;
      this.#isInScope = this.#isInResource && records.nextScope();
      if (this.#isInScope) continue;
      this.#isInResource = records.nextResource();
      if (!this.#isInResource) return false;
      this.#promotion.startResource(records.resource);
      this.#json.startResource();
    }
  }

  #add(): void {
    const { kept } = this.#builder;
    const start = kept.size;
    const isLikeLast = this.#isLikeLast();
    if (!isLikeLast) {
      this.#promotion.startRecord(this.#records);
      this.#format = this.#findFormat();
      this.#promotion.keep(this.#records.attributes, this.#attributes);
      this.#promotion.keep(this.#records.resource, this.#resources);
    }
    const problem = this.#appendLine(isLikeLast);
    if (problem !== undefined) {
      kept.advanceTo(start);
      this.#counts.failed(problem);
      return;
    }
    this.#counts.processed();
    this.#readTime();
    this.#builder.add(start, kept.size, this.#time.seconds, this.#time.nanos, this.#promotion.labels);
  }

  /** Whether the record has the severity and the attributes of the one before, in the same scope. */
  #isLikeLast(): boolean {
    const { attributes, bytes, severityNumber } = this.#records;
    const { count, starts, ends } = attributes;
    const start = starts[0] ?? 0;
    const firstEnd = ends[0] ?? 0;
    const end = ends[count - 1] ?? 0;
    const isLike =
      count === this.#lastCount &&
      severityNumber === this.#lastSeverity &&
      (count === 0 ||
        // What stands there is read as it was read before, if it begins with an attribute of the same size.
        (firstEnd - start === this.#lastFirstEnd - this.#lastStart &&
          areEqual(bytes, start, end, this.#lastStart, this.#lastEnd)));
    this.#lastSeverity = severityNumber;
    this.#lastCount = count;
    this.#lastStart = start;
    this.#lastFirstEnd = firstEnd;
    this.#lastEnd = end;
    return isLike;
  }

  /** Appends the line of the record, or says why there is none. */
  #appendLine(isLikeLast: boolean): string | undefined {
    const out = this.#builder.kept;
    const records = this.#records;
    const format = this.#format;
    switch (format) {
      case 'json':
        this.#json.append(out, records, this.#attributes, this.#resources, isLikeLast);
        return undefined;
      case 'logfmt':
        return this.#logfmt.append(out, records, this.#attributes, this.#resources)
          ? undefined
          : 'the record cannot be written as logfmt';
      case 'raw':
        this.#appendBody();
        return undefined;
      default:
        return `invalid format ${JSON.stringify(format.slice(0, 64))}, want one of "json", "logfmt", "raw"`;
    }
  }

  #findFormat(): string {
    const { resource, attributes } = this.#records;
    const inResource = resource.find(hints.format);
    const list = inResource < 0 ? attributes : resource;
    const index = inResource < 0 ? attributes.find(hints.format) : inResource;
    if (index < 0) return 'json';
    return readValueText(list.bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
  }

  #appendBody(): void {
    const out = this.#builder.kept;
    const value = this.#value;
    const { bytes, body } = this.#records;
    value.read(bytes, body.start, body.end);
    if (value.type === 'string') out.append(bytes, value.start, value.end);
    else out.appendText(readValueText(bytes, body.start, body.end));
  }

  #readTime(): void {
    const { timeLow, timeHigh, observedLow, observedHigh } = this.#records;
    if (timeLow !== 0 || timeHigh !== 0) readNanoTime(timeLow, timeHigh, this.#time);
    else if (observedLow !== 0 || observedHigh !== 0) readNanoTime(observedLow, observedHigh, this.#time);
    else {
      const { seconds, nanos } = this.#clock.take(1, this.#now);
      this.#time.seconds = seconds;
      this.#time.nanos = nanos;
    }
  }
}

function areEqual(bytes: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  let at = start;
  for (let other = otherStart; at < end && bytes[at] === bytes[other]; other++) at++;
  return at === end;
}
