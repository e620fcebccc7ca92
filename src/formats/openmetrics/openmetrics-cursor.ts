import { latin1 } from '../../base/bytes.ts';
import { readGoFloat } from '../../base/go-float.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import type { EntryCache } from '../exposition/entry-cache.ts';
import { entryKind } from '../exposition/exposition-cursor.ts';
import { SeriesParser, type SeriesSyntax } from '../exposition/series-parser.ts';
import { TextCursor } from '../exposition/text-cursor.ts';
import { CreatedLines } from './created-lines.ts';

const [lineFeed, blank, hash, open, underscore] = [0x0a, 0x20, 0x23, 0x7b, 0x5f];
const syntax: SeriesSyntax = { isLoose: false, canValuesHaveLineBreaks: false };

const types: ReadonlyMap<string, MetricType> = new Map(Object.entries(metricType));

export interface OpenMetricsOptions {
  /** Whether lines such as `requests_created` say when their counters began, rather than being series of their own. */
  readonly hasStartTimestamps: boolean;
}

/** Reads the text format of OpenMetrics. */
export class OpenMetricsCursor extends TextCursor {
  protected readonly hasQuotesInHelp = true;
  readonly #created: CreatedLines | undefined;
  readonly #exemplarParser = new SeriesParser(syntax);
  readonly #exemplarLabels = new LabelSetBuilder();
  readonly #exemplar = new Float64Array(2);
  #hasEnded = false;

  constructor(cache: EntryCache, { hasStartTimestamps }: OpenMetricsOptions) {
    super(cache, syntax);
    this.#created = hasStartTimestamps ? new CreatedLines(syntax) : undefined;
  }

  override open(bytes: Buffer): void {
    super.open(bytes);
    this.#hasEnded = false;
    this.#exemplarParser.open(bytes, this.isValidText);
    this.#created?.open(bytes, this.isValidText);
  }

  protected override close(): void {
    super.close();
    this.#exemplarParser.open(this.bytes, false);
    this.#created?.open(this.bytes, false);
  }

  protected read(): boolean {
    const { bytes } = this;
    for (;;) {
      const start = this.at;
      if (this.#hasEnded) return false;
      if (start >= bytes.length) return this.fail(start, '# EOF');
      const byte = bytes[start];
      if (byte === hash) {
        if (this.#readComment(start)) return this.error === undefined;
        continue;
      }
      if (byte === lineFeed || byte === blank) return this.fail(start, 'a metric or comment');
      const created = this.#created;
      if (created?.isCreatedLine(start, this.type) === true) {
        if (!this.#skipCreated(start)) return false;
        continue;
      }
      if (!this.readSeries(start) || !this.#readValue(this.keyEnd)) return false;
      if (created !== undefined)
        this.startTimestamp = created.startOf(this.keyStart, this.at, this.type, this.familyStart, this.familyEnd);
      return true;
    }
  }

  protected isEndOfName(at: number): boolean {
    return this.bytes[at] === blank;
  }

  /** Passes over a line that says when a counter began, which must be a valid one all the same. */
  #skipCreated(start: number): boolean {
    const { parser } = this;
    if (!parser.parse(start)) return this.fail(parser.at, parser.problem);
    this.exemplars.clear();
    return this.#readValue(parser.at);
  }

  #readValue(start: number): boolean {
    const { bytes } = this;
    let at = this.#readFloat(start, 'a value', this.number, 0);
    if (at < 0) return false;
    if (bytes[at] === blank && !this.#isExemplarAt(at)) {
      at = this.#readFloat(at, 'a timestamp', this.#exemplar, 0);
      if (at < 0) return false;
      const seconds = this.#exemplar[0] ?? 0;
      if (!Number.isFinite(seconds)) return this.fail(start, 'a finite timestamp');
      this.hasTimestamp = true;
      this.timestamp = Math.trunc(seconds * 1000);
    }
    if (this.#isExemplarAt(at)) at = this.#readExemplar(at + 4);
    if (at < 0) return false;
    if (at >= bytes.length) return this.fail(at, '# EOF');
    if (bytes[at] !== lineFeed) return this.fail(at, 'the next line');
    this.at = at + 1;
    return true;
  }

  /** Whether ` # {` follows. */
  #isExemplarAt(at: number): boolean {
    const { bytes } = this;
    return bytes[at] === blank && bytes[at + 1] === hash && bytes[at + 2] === blank && bytes[at + 3] === open;
  }

  /** Reads an exemplar from behind its brace on, and returns where it ends; -1 after `fail`. */
  #readExemplar(start: number): number {
    const parser = this.#exemplarParser;
    if (!parser.parseExemplar(start)) return this.#refuse(parser.at, parser.problem);
    let at = this.#readFloat(parser.at, 'the value of the exemplar', this.#exemplar, 0);
    if (at < 0) return -1;
    let timestamp = Number.NaN;
    if (this.bytes[at] === blank) {
      at = this.#readFloat(at, 'the timestamp of the exemplar', this.#exemplar, 1);
      if (at < 0) return -1;
      const seconds = this.#exemplar[1] ?? 0;
      if (!Number.isFinite(seconds)) return this.#refuse(start, 'an exemplar with a finite timestamp');
      timestamp = Math.trunc(seconds * 1000);
    }
    parser.fill(this.#exemplarLabels, metricType.unknown);
    if (this.#exemplarLabels.sortNames() >= 0) return this.#refuse(start, 'each label name of an exemplar once');
    this.exemplars.add(this.#exemplarLabels, this.#exemplar[0] ?? 0, timestamp);
    return at;
  }

  /** Reads a blank and a float, and returns where that ends; -1 after `fail`. */
  #readFloat(start: number, wanted: string, column: Float64Array, index: number): number {
    const { bytes } = this;
    let at = start + 1;
    while (at < bytes.length && bytes[at] !== blank && bytes[at] !== lineFeed) at++;
    const isThere = bytes[start] === blank && at > start + 1 && start < bytes.length;
    if (isThere && readGoFloat(bytes, start + 1, at, column, index)) return at;
    return this.#refuse(start, wanted);
  }

  #refuse(at: number, wanted: string): number {
    this.fail(at, wanted);
    return -1;
  }

  /** Reads a line that begins with a hash; true if it is an entry, or wrong. */
  #readComment(start: number): boolean {
    const { bytes } = this;
    const word = latin1(bytes, start, Math.min(start + 7, bytes.length));
    if (word.startsWith('# EOF')) {
      this.at = start + 5 + (bytes[start + 5] === lineFeed ? 1 : 0);
      this.#hasEnded = true;
      return this.at < bytes.length && !this.fail(this.at, 'nothing after # EOF');
    }
    if (word !== '# HELP ' && word !== '# TYPE ' && word !== '# UNIT ')
      return !this.fail(start, '# HELP, # TYPE, # UNIT or # EOF');
    const nameEnd = this.readFamily(start + 7);
    if (nameEnd < 0) return true;
    this.textEnd = this.endOfLine(nameEnd);
    if (bytes[nameEnd] !== blank || this.textEnd === bytes.length)
      return !this.fail(nameEnd, 'a blank, a text and the end of the line');
    this.textStart = nameEnd + 1;
    this.at = this.textEnd + 1;
    if (word === '# HELP ') {
      this.kind = entryKind.help;
      this.isHelpText();
    } else if (word === '# UNIT ') {
      this.kind = entryKind.unit;
      if (!this.#isUnitSuffix()) this.fail(this.textStart, 'a unit that is the last part of the name of the metric');
    } else {
      this.kind = entryKind.type;
      const type = types.get(latin1(bytes, this.textStart, this.textEnd));
      if (type === undefined) this.fail(this.textStart, Object.keys(metricType).join(', '));
      else this.type = type;
    }
    return true;
  }

  #isUnitSuffix(): boolean {
    const { bytes } = this;
    const size = this.textEnd - this.textStart;
    if (size === 0) return true;
    const start = this.familyEnd - size;
    if (start <= this.familyStart || bytes[start - 1] !== underscore) return false;
    return bytes.compare(bytes, start, this.familyEnd, this.textStart, this.textEnd) === 0;
  }
}
