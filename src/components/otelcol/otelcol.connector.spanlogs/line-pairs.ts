import { ByteBuilder } from '../../../base/byte-builder.ts';
import { appendText } from '../../../formats/logfmt/logfmt-writer.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import { appendAttribute, appendTextAttribute } from '../../../formats/otlp/log-writer.ts';
import { appendLogfmtValue } from '../../../formats/otlp/value-logfmt.ts';
import type { AttributeKeys, LineKey, LineKeys } from './line-keys.ts';

/** What the range of a value is: text in the memory of the pairs, text in that of the spans, or an AnyValue there. */
const source = { own: 0, text: 1, value: 2 } as const;

/**
 * A pair: the number of its key, what its range is, and the range. Where it is in the text that was saved; it ends at 0 if it is
 * not there.
 */
const word = { key: 0, source: 1, start: 2, end: 3, textStart: 4, textEnd: 5 } as const;
const pairSize = 6;

/** The pairs of one line as ranges of bytes. A key that comes again keeps its place and gets the new value. */
export class LinePairs {
  /** What is made rather than found in spans. */
  readonly #own = new ByteBuilder();
  readonly #keys: readonly LineKey[];
  readonly #keyTexts: ByteBuilder;
  /** For each key where its pair is; -1 if it has none. */
  readonly #places: Int32Array;
  readonly #pairs: Int32Array;
  /** Where the pairs end. */
  #end = 0;
  /** The pairs that were saved, and how they stand in a line. */
  readonly #saved: Int32Array;
  #savedEnd = 0;
  readonly #savedText = new ByteBuilder();
  #bytes: Buffer = Buffer.alloc(0);

  constructor({ all: keys, texts }: LineKeys) {
    this.#keys = keys;
    this.#keyTexts = texts;
    this.#places = new Int32Array(keys.length).fill(-1);
    this.#pairs = new Int32Array(keys.length * pairSize);
    this.#saved = new Int32Array(keys.length * pairSize);
  }

  /** Empties it, for ranges of these bytes. */
  clear(bytes: Buffer): void {
    for (let pair = 0; pair < this.#end; pair += pairSize) this.#places[this.#pairs[pair] ?? 0] = -1;
    this.#end = 0;
    this.#own.clear();
    this.#bytes = bytes;
  }

  setText(key: number, start: number, end: number): void {
    this.#set(key, source.text, start, end);
  }

  /** Sets text that needs no quotes and is written to `target`, from an offset there on. */
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
    const { numbers, order } = keys;
    // As they stand in the span; mostly that is how they stood in the one before.
    for (let sorted = 1; sorted < order.length; sorted++) {
      const name = order[sorted] ?? 0;
      const start = span.valueStart(name);
      let at = sorted;
      for (; at > 0 && span.valueStart(order[at - 1] ?? 0) > start; at--) order[at] = order[at - 1] ?? 0;
      order[at] = name;
    }
    for (let at = 0; at < order.length; at++) {
      const name = order[at] ?? 0;
      const start = span.valueStart(name);
      if (start >= 0) this.#set(numbers[name] ?? 0, source.value, start, span.valueEnd(name));
    }
  }

  /** Keeps the pairs, which are of the memory of the spans, for `setSaved`. */
  save(): void {
    const text = this.#savedText;
    const pairs = this.#pairs;
    text.clear();
    for (let pair = 0; pair < this.#end; pair += pairSize) {
      const textStart = text.size;
      if (!this.#appendPair(text, pair, 0)) text.advanceTo(textStart);
      pairs[pair + word.textStart] = textStart;
      pairs[pair + word.textEnd] = text.size === textStart ? 0 : text.size;
    }
    this.#saved.set(pairs);
    this.#savedEnd = this.#end;
  }

  setSaved(): void {
    const saved = this.#saved;
    for (let from = 0; from < this.#savedEnd; from += pairSize) {
      const [start, end] = [saved[from + word.start] ?? 0, saved[from + word.end] ?? 0];
      const pair = this.#set(saved[from] ?? 0, saved[from + word.source] ?? 0, start, end);
      this.#pairs[pair + word.textStart] = saved[from + word.textStart] ?? 0;
      this.#pairs[pair + word.textEnd] = saved[from + word.textEnd] ?? 0;
    }
  }

  has(key: number): boolean {
    return (this.#places[key] ?? -1) >= 0;
  }

  /** Appends the line; false if a key cannot stand in one. */
  appendLine(out: ByteBuilder): boolean {
    const pairs = this.#pairs;
    for (let pair = 0; pair < this.#end;) {
      const skipped = pair === 0 ? 1 : 0;
      let end = pairs[pair + word.textEnd] ?? 0;
      if (end === 0) {
        if (!this.#appendPair(out, pair, skipped)) return false;
        pair += pairSize;
        continue;
      }
      const start = (pairs[pair + word.textStart] ?? 0) + skipped;
      // What was saved together mostly is still.
      for (pair += pairSize; pair < this.#end && pairs[pair + word.textStart] === end; pair += pairSize) {
        const next = pairs[pair + word.textEnd] ?? 0;
        if (next === 0) break;
        end = next;
      }
      out.appendFrom(this.#savedText, start, end);
    }
    return true;
  }

  /** Appends the pairs that are labels as attributes of a record. */
  appendLabels(out: ByteBuilder): void {
    const pairs = this.#pairs;
    for (let pair = 0; pair < this.#end; pair += pairSize) {
      const { name, isLabel } = this.#keys[pairs[pair] ?? 0] as LineKey;
      if (!isLabel) continue;
      const start = pairs[pair + word.start] ?? 0;
      const end = pairs[pair + word.end] ?? 0;
      if (pairs[pair + word.source] === source.value) appendAttribute(out, name, this.#bytes, start, end);
      else appendTextAttribute(out, name, this.#textOf(pair), start, end);
    }
  }

  /** Appends a pair without the first bytes of its key; false if that cannot stand in a line. */
  #appendPair(out: ByteBuilder, pair: number, skipped: number): boolean {
    const pairs = this.#pairs;
    const { textStart, textEnd } = this.#keys[pairs[pair] ?? 0] as LineKey;
    if (textStart === textEnd) return false;
    out.appendFrom(this.#keyTexts, textStart + skipped, textEnd);
    const start = pairs[pair + word.start] ?? 0;
    const end = pairs[pair + word.end] ?? 0;
    const from = pairs[pair + word.source];
    if (from === source.value) appendLogfmtValue(out, this.#bytes, start, end);
    else if (from === source.own) out.appendFrom(this.#own, start, end);
    else appendText(out, this.#bytes, start, end);
    return true;
  }

  #textOf(pair: number): Buffer {
    return this.#pairs[pair + word.source] === source.own ? this.#own.reserve(0) : this.#bytes;
  }

  #set(key: number, from: number, start: number, end: number): number {
    const pairs = this.#pairs;
    let pair = this.#places[key] ?? -1;
    if (pair < 0) {
      pair = this.#end;
      this.#end = pair + pairSize;
      this.#places[key] = pair;
      pairs[pair] = key;
    }
    pairs[pair + word.source] = from;
    pairs[pair + word.start] = start;
    pairs[pair + word.end] = end;
    pairs[pair + word.textEnd] = 0;
    return pair;
  }
}
