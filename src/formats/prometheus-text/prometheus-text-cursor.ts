import { ByteKeys } from '../../base/byte-keys.ts';
import { readGoFloat, readShortDecimal } from '../../base/go-float.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import type { EntryCache } from '../exposition/entry-cache.ts';
import { entryKind } from '../exposition/exposition-cursor.ts';
import { TextCursor } from '../exposition/text-cursor.ts';

const [tab, lineFeed, blank, hash, zero, nine, open] = [0x09, 0x0a, 0x20, 0x23, 0x30, 0x39, 0x7b];
const maxTimestamp = 2 ** 63;

const typeNames = new ByteKeys(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const types: readonly MetricType[] = [
  metricType.counter,
  metricType.gauge,
  metricType.histogram,
  metricType.summary,
  metricType.unknown,
];
const commentWords = new ByteKeys(['HELP', 'TYPE']);

/** Reads the text format of Prometheus. */
export class PrometheusTextCursor extends TextCursor {
  protected readonly hasQuotesInHelp = false;

  constructor(cache: EntryCache) {
    super(cache, { isLoose: true, canValuesHaveLineBreaks: true });
  }

  protected read(): boolean {
    const { bytes } = this;
    for (;;) {
      const start = this.#skipBlanks(this.at);
      if (start >= bytes.length) return false;
      const byte = bytes[start];
      if (byte === lineFeed) this.at = start + 1;
      else if (byte === hash) {
        if (this.#readComment(start + 1)) return this.error === undefined;
      } else return this.readSeries(start) && this.#readValue(this.#skipBlanks(this.keyEnd));
    }
  }

  protected isEndOfName(at: number): boolean {
    const next = this.bytes[at] ?? 0;
    return (next === blank || next === tab) && this.bytes[this.#skipBlanks(at)] !== open;
  }

  #readValue(start: number): boolean {
    const { bytes } = this;
    const { length } = bytes;
    let at = readShortDecimal(bytes, start, this.number, 0);
    if (at > start && bytes[at] === lineFeed) {
      this.at = at + 1;
      return true;
    }
    for (at = start; at < length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === blank || byte === lineFeed || byte === tab || byte === open) break;
    }
    if (at === start || !readGoFloat(bytes, start, at, this.number, 0)) return this.fail(start, 'a value');
    at = this.#skipBlanks(at);
    if (at < length && bytes[at] !== lineFeed) {
      const first = at;
      let timestamp = 0;
      for (; at < length && isDigit(bytes[at] ?? 0); at++) timestamp = timestamp * 10 + (bytes[at] ?? 0) - zero;
      if (at === first || timestamp >= maxTimestamp) return this.fail(first, 'a timestamp or the next line');
      this.hasTimestamp = true;
      this.timestamp = timestamp;
      at = this.#skipBlanks(at);
      if (at < length && bytes[at] !== lineFeed) return this.fail(at, 'the next line');
    }
    this.at = at + 1;
    return true;
  }

  /** Reads a line that begins with a hash; true if it is an entry, or wrong. */
  #readComment(start: number): boolean {
    const word = this.#skipBlanks(start);
    const lineEnd = this.endOfLine(word);
    this.at = lineEnd + 1;
    if (word === start || lineEnd - word < 5) return false;
    const after = this.bytes[word + 4];
    if (after !== blank && after !== tab) return false;
    const kind = commentWords.find(this.bytes, word, word + 4);
    if (kind < 0) return false;
    const nameEnd = this.readFamily(this.#skipBlanks(word + 4));
    if (nameEnd < 0) return true;
    // One character stands between the name and the text.
    this.textEnd = nameEnd <= lineEnd ? lineEnd : this.endOfLine(nameEnd);
    this.textStart = Math.min(nameEnd + 1, this.textEnd);
    this.at = this.textEnd + 1;
    if (kind === 0) {
      this.kind = entryKind.help;
      return this.isHelpText() || true;
    }
    this.kind = entryKind.type;
    const type = types[typeNames.find(this.bytes, this.textStart, this.textEnd)];
    if (type === undefined) this.fail(this.textStart, 'counter, gauge, histogram, summary or untyped');
    else this.type = type;
    return true;
  }

  #skipBlanks(start: number): number {
    const { bytes } = this;
    let at = start;
    while (at < bytes.length && (bytes[at] === blank || bytes[at] === tab)) at++;
    return at;
  }
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}
