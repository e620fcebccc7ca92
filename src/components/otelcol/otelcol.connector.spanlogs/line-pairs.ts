import { ByteBuilder } from '../../../base/byte-builder.ts';
import { appendText } from '../../../formats/logfmt/logfmt-writer.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import { appendAttribute, appendTextAttribute } from '../../../formats/otlp/log-writer.ts';
import { appendLogfmtValue } from '../../../formats/otlp/value-logfmt.ts';
import type { AttributeKeys, LineKey } from './line-keys.ts';

/** What the range of a value is: text in the memory of the pairs, text in that of the spans, or an AnyValue there. */
const source = { own: 0, text: 1, value: 2 } as const;

/** A pair that several lines have. */
interface SavedPair {
  readonly key: number;
  readonly source: number;
  readonly start: number;
  readonly end: number;
  readonly textStart: number;
  readonly textEnd: number;
}

/** The pairs of one line as ranges of bytes. A key that comes again keeps its place and gets the new value. */
export class LinePairs {
  /** What is made rather than found in spans. */
  readonly #own = new ByteBuilder();
  readonly #keys: readonly LineKey[];
  /** For each key the number of its pair; -1 if it has none. */
  readonly #places: Int32Array;
  readonly #numbers: Uint32Array;
  readonly #sources: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  /** Where the pair is in the text that was saved; it ends at 0 if it is not there. */
  readonly #textStarts: Uint32Array;
  readonly #textEnds: Uint32Array;
  #count = 0;
  /** The pairs that were saved, and how they stand in a line. */
  readonly #saved: SavedPair[] = [];
  readonly #savedText = new ByteBuilder();
  #bytes: Buffer = Buffer.alloc(0);

  constructor(keys: readonly LineKey[]) {
    this.#keys = keys;
    this.#places = new Int32Array(keys.length).fill(-1);
    this.#numbers = new Uint32Array(keys.length);
    this.#sources = new Uint8Array(keys.length);
    this.#starts = new Uint32Array(keys.length);
    this.#ends = new Uint32Array(keys.length);
    this.#textStarts = new Uint32Array(keys.length);
    this.#textEnds = new Uint32Array(keys.length);
  }

  /** Empties it, for ranges of these bytes. */
  clear(bytes: Buffer): void {
    for (let pair = 0; pair < this.#count; pair++) this.#places[this.#numbers[pair] ?? 0] = -1;
    this.#count = 0;
    this.#own.clear();
    this.#bytes = bytes;
  }

  setText(key: number, start: number, end: number): void {
    this.#set(key, source.text, start, end);
  }

  /** Sets text that is written to `target`, from the end of what is there already on. */
  setOwn(key: number, start: number): void {
    this.#set(key, source.own, start, this.#own.size);
  }

  /** Where text for `setOwn` is written. */
  get target(): ByteBuilder {
    return this.#own;
  }

  /** Sets those of some attributes that have keys, in the order of the attributes. */
  setAttributes(list: AttributeList, { names, numbers }: AttributeKeys): void {
    if (numbers.length === 0) return;
    for (let index = 0; index < list.count; index++) {
      const found = names.find(list.bytes, list.keyStarts[index] ?? 0, list.keyEnds[index] ?? 0);
      if (found < 0) continue;
      this.#set(numbers[found] ?? 0, source.value, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
    }
  }

  /** The same for those of a span that its cursor knows by the same names. */
  setSpanAttributes(span: SpanCursor, keys: AttributeKeys): void {
    if (span.hasRepeats) {
      this.setAttributes(span.attributes, keys);
      return;
    }
    const { numbers } = keys;
    let last = -1;
    // Each time the next one in the order of the span; there are few.
    for (;;) {
      let next = -1;
      let nextStart = Infinity;
      for (let name = 0; name < numbers.length; name++) {
        const start = span.valueStart(name);
        if (start <= last || start >= nextStart) continue;
        next = name;
        nextStart = start;
      }
      if (next < 0) return;
      this.#set(numbers[next] ?? 0, source.value, nextStart, span.valueEnd(next));
      last = nextStart;
    }
  }

  /** Keeps the pairs, which are of the memory of the spans, for `setSaved`. */
  save(): void {
    const text = this.#savedText;
    this.#saved.length = 0;
    text.clear();
    for (let pair = 0; pair < this.#count; pair++) {
      const textStart = text.size;
      if (!this.#appendPair(text, pair, 0)) text.advanceTo(textStart);
      this.#saved.push({
        key: this.#numbers[pair] ?? 0,
        source: this.#sources[pair] ?? 0,
        start: this.#starts[pair] ?? 0,
        end: this.#ends[pair] ?? 0,
        textStart,
        textEnd: text.size === textStart ? 0 : text.size,
      });
    }
  }

  setSaved(): void {
    for (const { key, source: from, start, end, textStart, textEnd } of this.#saved) {
      const pair = this.#set(key, from, start, end);
      this.#textStarts[pair] = textStart;
      this.#textEnds[pair] = textEnd;
    }
  }

  has(key: number): boolean {
    return (this.#places[key] ?? -1) >= 0;
  }

  /** Appends the line; false if a key cannot stand in one. */
  appendLine(out: ByteBuilder): boolean {
    for (let pair = 0; pair < this.#count;) {
      const start = (this.#textStarts[pair] ?? 0) + (pair === 0 ? 1 : 0);
      let end = this.#textEnds[pair] ?? 0;
      if (end === 0) {
        if (!this.#appendPair(out, pair, pair === 0 ? 1 : 0)) return false;
        pair++;
        continue;
      }
      // What was saved together mostly is still.
      while (++pair < this.#count && this.#textStarts[pair] === end && this.#textEnds[pair] !== 0) {
        end = this.#textEnds[pair] ?? 0;
      }
      out.append(this.#savedText.reserve(0), start, end);
    }
    return true;
  }

  /** Appends the pairs that are labels as attributes of a record. */
  appendLabels(out: ByteBuilder): void {
    for (let pair = 0; pair < this.#count; pair++) {
      const { name, isLabel } = this.#keys[this.#numbers[pair] ?? 0] as LineKey;
      if (!isLabel) continue;
      const start = this.#starts[pair] ?? 0;
      const end = this.#ends[pair] ?? 0;
      if (this.#sources[pair] === source.value) appendAttribute(out, name, this.#bytes, start, end);
      else appendTextAttribute(out, name, this.#textOf(pair), start, end);
    }
  }

  /** Appends a pair without the first bytes of its key; false if that cannot stand in a line. */
  #appendPair(out: ByteBuilder, pair: number, skipped: number): boolean {
    const { text } = this.#keys[this.#numbers[pair] ?? 0] as LineKey;
    if (text === undefined) return false;
    out.append(text, skipped, text.length);
    const start = this.#starts[pair] ?? 0;
    const end = this.#ends[pair] ?? 0;
    if (this.#sources[pair] === source.value) appendLogfmtValue(out, this.#bytes, start, end);
    else appendText(out, this.#textOf(pair), start, end);
    return true;
  }

  #textOf(pair: number): Buffer {
    return this.#sources[pair] === source.own ? this.#own.reserve(0) : this.#bytes;
  }

  #set(key: number, from: number, start: number, end: number): number {
    let pair = this.#places[key] ?? -1;
    if (pair < 0) {
      pair = this.#count++;
      this.#places[key] = pair;
      this.#numbers[pair] = key;
    }
    this.#sources[pair] = from;
    this.#starts[pair] = start;
    this.#ends[pair] = end;
    this.#textEnds[pair] = 0;
    return pair;
  }
}
