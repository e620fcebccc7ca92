import { isUtf8 } from 'node:buffer';
import { ByteBuilder } from '../../base/byte-builder.ts';
import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import type { EntryCache } from './entry-cache.ts';
import { ExemplarList } from './exemplar-list.ts';
import { entryKind, type EntryKind, type ExpositionCursor } from './exposition-cursor.ts';
import { SeriesParser, type SeriesSyntax } from './series-parser.ts';
import { unescaped } from './unescape.ts';

const noBytes = Buffer.alloc(0);
const [lineFeed, close] = [0x0a, 0x7d];

const usualLine = 128;
/** For each byte whether it may stand in a metric name: 1 anywhere, 2 anywhere but at the beginning. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[a-zA-Z_:]/.test(character) ? 1 : /\d/.test(character) ? 2 : 0;
});

/** How much of a document an error quotes. */
const maxQuoted = 40;

/** What the cursors of the two text formats have in common: finding series, and metadata. */
export abstract class TextCursor implements ExpositionCursor {
  error: ParseError | undefined;
  kind: EntryKind = entryKind.series;
  slot = 0;
  isNew = false;
  readonly labels = new LabelSetBuilder();
  hasTimestamp = false;
  timestamp = 0;
  startTimestamp = 0;
  readonly histogram = new ByteBuilder();
  readonly exemplars = new ExemplarList();
  type: MetricType = metricType.unknown;
  protected bytes: Buffer = noBytes;
  /** Where reading goes on. */
  protected at = 0;
  /** The value of the current series, in a column of one. */
  protected readonly number = new Float64Array(1);
  /** The name in the last line about a family, and the text there. */
  protected familyStart = 0;
  protected familyEnd = 0;
  protected textStart = 0;
  protected textEnd = 0;
  /** The part of the line that says which series it is. */
  protected keyStart = 0;
  protected keyEnd = 0;
  protected readonly parser: SeriesParser;
  protected isValidText = false;
  readonly #cache: EntryCache;

  constructor(cache: EntryCache, syntax: SeriesSyntax) {
    this.#cache = cache;
    this.parser = new SeriesParser(syntax);
  }

  get value(): number {
    return this.number[0] ?? 0;
  }

  open(bytes: Buffer): void {
    this.bytes = bytes;
    this.at = 0;
    this.error = undefined;
    this.type = metricType.unknown;
    this.familyEnd = this.familyStart = 0;
    this.isValidText = isUtf8(bytes);
    this.parser.open(bytes, this.isValidText);
    this.#cache.rewind();
  }

  next(): boolean {
    const isThere = this.error === undefined && this.read();
    // A document is not kept alive by the cursor of its target.
    if (!isThere) this.close();
    return isThere;
  }

  readLabels(): void {
    if (this.isNew) return;
    this.parser.parse(this.keyStart);
    this.parser.fill(this.labels, this.type);
    this.labels.sortNames();
  }

  familyName(): string {
    const { familyStart: start, familyEnd: end } = this;
    return unescaped(this.bytes, start, end)?.toString() ?? utf8(this.bytes, start, end);
  }

  text(): string {
    const { textStart: start, textEnd: end } = this;
    return unescaped(this.bytes, start, end, this.hasQuotesInHelp)?.toString() ?? utf8(this.bytes, start, end);
  }

  /** Lets go of the document. */
  protected close(): void {
    this.bytes = noBytes;
    this.at = 0;
    this.parser.open(noBytes, false);
  }

  /** Whether quotes are escaped in help as well. */
  protected abstract readonly hasQuotesInHelp: boolean;
  /** Goes to the next entry; false at the end or after `fail`. */
  protected abstract read(): boolean;
  /** Whether a series whose name is known to end at a place, without labels, does end there. */
  protected abstract isEndOfName(at: number): boolean;

  /** Reads which series a line is of, and sets everything that depends on that; false after `fail`. */
  protected readSeries(start: number): boolean {
    const { bytes, parser } = this;
    const cache = this.#cache;
    this.kind = entryKind.series;
    this.hasTimestamp = false;
    this.startTimestamp = 0;
    this.exemplars.clear();
    this.keyStart = start;
    const expected = cache.expected(bytes, start, bytes.length);
    if (expected !== 0) {
      this.keyEnd = start + cache.sizeOf(expected);
      // With labels the same bytes are the same series; a name alone could go on, or have labels.
      if (bytes[this.keyEnd - 1] === close || this.isEndOfName(this.keyEnd)) {
        this.slot = expected;
        this.isNew = false;
        cache.visit(expected);
        return true;
      }
    }
    if (!parser.parse(start)) return this.fail(parser.at, parser.problem);
    this.keyEnd = parser.at;
    this.slot = cache.find(bytes, start, this.keyEnd);
    this.isNew = this.slot === 0;
    if (this.isNew) {
      parser.fill(this.labels, this.type);
      const twice = this.labels.sortNames();
      if (twice >= 0) return this.fail(start, `each label name once, but ${JSON.stringify(this.labels.nameOf(twice))}`);
      this.slot = cache.add(bytes, start, this.keyEnd);
    }
    if (this.slot !== 0) cache.visit(this.slot);
    return true;
  }

  /** Reads the name of a family in a line about it, and returns where it ends; -1 after `fail`. */
  protected readFamily(start: number): number {
    const { bytes } = this;
    let at = start;
    if (bytes[at] === 0x22) {
      for (at++; at < bytes.length && bytes[at] !== 0x22 && bytes[at] !== 0; at++)
        if (bytes[at] === 0x5c && bytes[++at] === lineFeed) break;
      if (at >= bytes.length || bytes[at] !== 0x22) return this.#failFamily(start);
      this.familyStart = start + 1;
      this.familyEnd = at;
      return at + 1;
    }
    if (nameBytes[bytes[at] ?? 0] === 1) while (nameBytes[bytes[at] ?? 0] !== 0) at++;
    if (at === start) return this.#failFamily(start);
    this.familyStart = start;
    this.familyEnd = at;
    return at;
  }

  /** Whether the text of a line is UTF-8; false after `fail`. */
  protected isHelpText(): boolean {
    if (this.isValidText || isUtf8(this.bytes.subarray(this.textStart, this.textEnd))) return true;
    return this.fail(this.textStart, 'a help text in UTF-8');
  }

  protected endOfLine(start: number): number {
    const { bytes } = this;
    let at = start;
    // Most lines end before it pays to have Node search.
    for (const last = Math.min(bytes.length, start + usualLine); at < last; at++) if (bytes[at] === lineFeed) return at;
    const end = bytes.indexOf(lineFeed, at);
    return end < 0 ? bytes.length : end;
  }

  protected fail(at: number, wanted: string): false {
    const { bytes } = this;
    let line = 1;
    for (let from = bytes.indexOf(lineFeed); from >= 0 && from < at; from = bytes.indexOf(lineFeed, from + 1)) line++;
    const end = Math.min(this.endOfLine(at), at + maxQuoted);
    const found = at >= bytes.length ? 'the end' : JSON.stringify(utf8(bytes, at, Math.max(end, at + 1)));
    this.error = new ParseError(`expected ${wanted} at line ${line} of the exposition, found ${found}`);
    return false;
  }

  #failFamily(at: number): number {
    this.fail(at, 'a metric name');
    return -1;
  }
}
