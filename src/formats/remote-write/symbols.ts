import { ByteBuilder } from '../../base/byte-builder.ts';
import { ByteTable } from '../../base/byte-table.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';

/** Far more than a request of reasonable size can refer to. */
const maxSymbols = 2 ** 24;

/** The texts of one request of version 2, each once; number 0 is the empty one. */
export class Symbols {
  readonly #table = new ByteTable(maxSymbols);
  readonly #text = new ByteBuilder();
  #size = 2;

  /** The encoded size of the table, as fields of a request. */
  get size(): number {
    return this.#size;
  }

  /** The number of a text. `guess` is one that it may well have. */
  numberOf(bytes: Buffer, start: number, end: number, guess: number): number {
    const table = this.#table;
    if (start === end) return 0;
    if (guess !== 0 && table.sizeOf(guess) === end - start && table.isAt(guess, bytes, start, end)) return guess;
    const known = table.size;
    const number = table.add(bytes, start, end);
    if (table.size > known) this.#size += 1 + varintSize(end - start) + end - start;
    return number;
  }

  numberOfText(text: string): number {
    this.#text.clear();
    this.#text.appendText(text);
    return this.numberOf(this.#text.reserve(0), 0, this.#text.size, 0);
  }

  /** Writes the table with a tag before each text, and returns the offset after it. */
  write(output: Buffer, start: number, tag: number): number {
    const table = this.#table;
    output[start] = tag;
    output[start + 1] = 0;
    let at = start + 2;
    for (let symbol = 1; symbol <= table.size; symbol++) {
      const size = table.sizeOf(symbol);
      output[at] = tag;
      at = writeVarint(output, at + 1, size);
      const from = table.startOf(symbol);
      at += table.bytesOf(symbol).copy(output, at, from, from + size);
    }
    return at;
  }

  clear(): void {
    this.#table.clear();
    this.#size = 2;
  }
}
