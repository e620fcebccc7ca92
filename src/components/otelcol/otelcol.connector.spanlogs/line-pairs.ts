import { ByteBuilder } from '../../../base/byte-builder.ts';
import { appendText } from '../../../formats/logfmt/logfmt-writer.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { appendAttribute, appendTextAttribute } from '../../../formats/otlp/log-writer.ts';
import { appendLogfmtValue } from '../../../formats/otlp/value-logfmt.ts';
import type { AttributeKeys, LineKey } from './line-keys.ts';

/** What the range of a value is: text in the memory of the pairs, text in that of the spans, or an AnyValue there. */
const source = { own: 0, text: 1, value: 2 } as const;

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
  #count = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(keys: readonly LineKey[]) {
    this.#keys = keys;
    this.#places = new Int32Array(keys.length).fill(-1);
    this.#numbers = new Uint32Array(keys.length);
    this.#sources = new Uint8Array(keys.length);
    this.#starts = new Uint32Array(keys.length);
    this.#ends = new Uint32Array(keys.length);
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

  has(key: number): boolean {
    return (this.#places[key] ?? -1) >= 0;
  }

  /** Appends the line; false if a key cannot stand in one. */
  appendLine(out: ByteBuilder): boolean {
    for (let pair = 0; pair < this.#count; pair++) {
      const { text } = this.#keys[this.#numbers[pair] ?? 0] as LineKey;
      if (text === undefined) return false;
      out.append(text, pair === 0 ? 1 : 0, text.length);
      const start = this.#starts[pair] ?? 0;
      const end = this.#ends[pair] ?? 0;
      if (this.#sources[pair] === source.value) appendLogfmtValue(out, this.#bytes, start, end);
      else appendText(out, this.#textOf(pair), start, end);
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

  #textOf(pair: number): Buffer {
    return this.#sources[pair] === source.own ? this.#own.reserve(0) : this.#bytes;
  }

  #set(key: number, from: number, start: number, end: number): void {
    let pair = this.#places[key] ?? -1;
    if (pair < 0) {
      pair = this.#count++;
      this.#places[key] = pair;
      this.#numbers[pair] = key;
    }
    this.#sources[pair] = from;
    this.#starts[pair] = start;
    this.#ends[pair] = end;
  }
}
