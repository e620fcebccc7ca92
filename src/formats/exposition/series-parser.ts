import { isUtf8 } from 'node:buffer';
import { grown } from '../../base/grown-column.ts';
import type { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import { canonicalFloatText } from './canonical-float.ts';
import { unescaped } from './unescape.ts';

/** In what the two text formats differ. */
export interface SeriesSyntax {
  /** Whether blanks may stand between the parts of a series, and commas be left out. */
  readonly isLoose: boolean;
  readonly canValuesHaveLineBreaks: boolean;
}

const [tab, lineFeed, blank, quote, comma, equals, backslash, open, close] = [9, 10, 32, 34, 44, 61, 92, 123, 125];
const colon = 0x3a;
const nameLabel = Buffer.from('__name__');
const leLabel = Buffer.from('le');
const quantileLabel = Buffer.from('quantile');

/** For each byte whether it may stand in a label name without quotes: 1 anywhere, 2 anywhere but at the beginning. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[a-zA-Z_]/.test(character) ? 1 : /\d/.test(character) ? 2 : 0;
});

/**
 * Reads the part of a line that says which series it is, such as `up{job="x"}` or `{"up.time",job="x"}`, and the labels
 * of exemplars. It notes where names and values are; `fill` builds a label set of them.
 */
export class SeriesParser {
  /** Where reading ended. */
  at = 0;
  /** What was expected there, if reading failed. */
  problem = '';
  nameStart = 0;
  nameEnd = 0;
  count = 0;
  /** Where the names and values of labels begin and end, four numbers a label. */
  ranges = new Uint32Array(64);
  readonly #syntax: SeriesSyntax;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #isValidText = false;
  #isExemplar = false;
  #hasName = false;

  constructor(syntax: SeriesSyntax) {
    this.#syntax = syntax;
  }

  /** Begins with a document, of which is known whether all of it is UTF-8. */
  open(bytes: Buffer, isValidText: boolean): void {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#isValidText = isValidText;
  }

  /** Reads a series; false if there is none. */
  parse(start: number): boolean {
    const bytes = this.#bytes;
    this.#isExemplar = false;
    this.count = 0;
    let at = start;
    if (bytes[at] === open) {
      this.#hasName = false;
      if (!this.#parseLabels(at + 1)) return false;
      return this.#hasName || this.#fail(start, 'a metric name among the labels');
    }
    if (!isMetricNameStart(bytes[at] ?? 0)) return this.#fail(at, 'a metric name');
    while (at < this.#end && (isMetricNameStart(bytes[at] ?? 0) || nameBytes[bytes[at] ?? 0] === 2)) at++;
    this.#hasName = true;
    this.nameStart = start;
    this.nameEnd = at;
    this.at = at;
    const next = this.#syntax.isLoose ? this.#skipBlanks(at) : at;
    return next >= this.#end || bytes[next] !== open || this.#parseLabels(next + 1);
  }

  /** Reads the labels of an exemplar, after their brace. */
  parseExemplar(start: number): boolean {
    this.#isExemplar = true;
    this.count = 0;
    return this.#parseLabels(start);
  }

  /** Builds the set of labels that was read, with bounds and quantiles of their types in canonical form. */
  fill(labels: LabelSetBuilder, type: MetricType): void {
    labels.clear();
    if (!this.#isExemplar) this.#add(labels, nameLabel, 0, nameLabel.length, this.nameStart, this.nameEnd);
    for (let index = 0; index < 4 * this.count; index += 4) {
      const nameStart = this.ranges[index] ?? 0;
      const nameEnd = this.ranges[index + 1] ?? 0;
      const valueStart = this.ranges[index + 2] ?? 0;
      const valueEnd = this.ranges[index + 3] ?? 0;
      const isFloat =
        (type === metricType.histogram && this.#isAt(leLabel, nameStart, nameEnd)) ||
        (type === metricType.summary && this.#isAt(quantileLabel, nameStart, nameEnd));
      const float = isFloat && !this.#isExemplar ? canonicalFloatText(this.#bytes, valueStart, valueEnd) : undefined;
      if (float !== undefined) labels.addText(isFloat && type === metricType.summary ? 'quantile' : 'le', float);
      else this.#add(labels, this.#bytes, nameStart, nameEnd, valueStart, valueEnd);
    }
  }

  #add(
    labels: LabelSetBuilder,
    nameSource: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    const name = unescaped(nameSource, nameStart, nameEnd);
    const value = unescaped(this.#bytes, valueStart, valueEnd);
    const isPlainName = name === undefined;
    const isPlainValue = value === undefined;
    labels.add(
      name ?? nameSource,
      isPlainName ? nameStart : 0,
      isPlainName ? nameEnd : name.length,
      value ?? this.#bytes,
      isPlainValue ? valueStart : 0,
      isPlainValue ? valueEnd : value.length,
    );
  }

  /** Reads labels and the brace behind them. */
  #parseLabels(start: number): boolean {
    const bytes = this.#bytes;
    const { isLoose } = this.#syntax;
    let at = start;
    for (;;) {
      at = this.#skipBlanks(at);
      const first = bytes[at] ?? 0;
      if (at < this.#end && first === close) return this.#finish(at + 1);
      const isQuoted = first === quote;
      let nameEnd = at;
      if (isQuoted) nameEnd = this.#endOfQuoted(at + 1, isLoose, false);
      else if (nameBytes[first] === 1) while (nameEnd < this.#end && nameBytes[bytes[nameEnd] ?? 0] !== 0) nameEnd++;
      const nameStart = isQuoted ? at + 1 : at;
      if (nameEnd <= nameStart || (isQuoted && !this.#isText(nameStart, nameEnd)))
        return this.#fail(at, 'a label name');
      at = this.#skipBlanks(isQuoted ? nameEnd + 1 : nameEnd);
      const separator = at < this.#end ? bytes[at] : 0;
      if (isQuoted && !this.#isExemplar && (separator === comma || separator === close)) {
        if (this.#hasName) return this.#fail(nameStart - 1, 'one metric name');
        this.#hasName = true;
        this.nameStart = nameStart;
        this.nameEnd = nameEnd;
        if (separator === close) return this.#finish(at + 1);
        at++;
        continue;
      }
      if (separator !== equals) return this.#fail(at, '"="');
      at = this.#skipBlanks(at + 1);
      if (at >= this.#end || bytes[at] !== quote) return this.#fail(at, 'a quoted label value');
      const valueEnd = this.#endOfQuoted(at + 1, this.#syntax.canValuesHaveLineBreaks, !this.#isExemplar);
      if (valueEnd < 0) return this.#fail(at, 'a label value that ends');
      if (!this.#isText(at + 1, valueEnd)) return this.#fail(at, 'a label value in UTF-8');
      this.#note(nameStart, nameEnd, at + 1, valueEnd);
      at = this.#skipBlanks(valueEnd + 1);
      if (at < this.#end && bytes[at] === comma) at++;
      else if (!isLoose && bytes[at] !== close) return this.#fail(at, '"," or "}"');
    }
  }

  #note(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = 4 * this.count++;
    if (at === this.ranges.length) this.ranges = grown(this.ranges, new Uint32Array(2 * at));
    this.ranges[at] = nameStart;
    this.ranges[at + 1] = nameEnd;
    this.ranges[at + 2] = valueStart;
    this.ranges[at + 3] = valueEnd;
  }

  /** Where the closing quote is; -1 if there is none. */
  #endOfQuoted(start: number, canHaveLineBreaks: boolean, canHaveNul: boolean): number {
    const bytes = this.#bytes;
    for (let at = start; at < this.#end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) return at;
      // Anything can be escaped, but not the end of a line.
      if (byte === backslash && (++at >= this.#end || bytes[at] === lineFeed)) return -1;
      if ((byte === lineFeed && !canHaveLineBreaks) || (byte === 0 && !canHaveNul)) return -1;
    }
    return -1;
  }

  #skipBlanks(start: number): number {
    if (!this.#syntax.isLoose) return start;
    let at = start;
    while (at < this.#end && (this.#bytes[at] === blank || this.#bytes[at] === tab)) at++;
    return at;
  }

  #isText(start: number, end: number): boolean {
    return this.#isValidText || isUtf8(this.#bytes.subarray(start, end));
  }

  #isAt(text: Buffer, start: number, end: number): boolean {
    return end - start === text.length && text.compare(this.#bytes, start, end) === 0;
  }

  #finish(at: number): true {
    this.at = at;
    return true;
  }

  #fail(at: number, wanted: string): false {
    this.at = at;
    this.problem = wanted;
    return false;
  }
}

function isMetricNameStart(byte: number): boolean {
  return nameBytes[byte] === 1 || byte === colon;
}
