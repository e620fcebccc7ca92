import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';

/** How many keys are remembered, and the words that each of them takes at most. */
const capacity = 2048;
const entrySize = 32;
const factor = 0x9e3779b1 | 0;
/** Leaves as many bits as there are entries for. */
const hashShift = Math.clz32(capacity - 1);

/**
 * Remembers which row spans had that have the same bytes in all that a row is found by, since most spans are like one that was
 * there shortly before. A new key takes the place of another one with the same hash.
 */
export class RowMemo {
  /** By entry: the row, the number of the words of its key, and these. */
  readonly #entries = new Int32Array(capacity * entrySize);
  readonly #key = new Int32Array(entrySize);
  #size = 0;
  #entry = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0)) as DataView;

  /**
   * The row of the span that a cursor is at, by a number for all that the span does not have itself, by its kind, status and name,
   * and by the values of some names; 0 if that is not known.
   */
  find(cursor: SpanCursor, of: number, firstName: number, names: number): number {
    const key = this.#key;
    const { bytes } = cursor;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    key[2] = of;
    key[3] = (cursor.kind << 16) | cursor.status;
    this.#size = 4;
    let hash = this.#add((of ^ (key[3] ?? 0)) | 0, cursor.nameStart, cursor.nameEnd);
    for (let name = firstName; name < firstName + names; name++) {
      hash = this.#add(hash, cursor.valueStart(name), cursor.valueEnd(name));
    }
    const size = this.#size;
    if (size > entrySize) return 0;
    key[1] = size;
    this.#entry = (Math.imul(hash ^ (hash >>> 15), factor) >>> hashShift) * entrySize;
    const entries = this.#entries;
    let at = 1;
    while (at < size && entries[this.#entry + at] === key[at]) at++;
    return at === size ? (entries[this.#entry] ?? 0) : 0;
  }

  /** Remembers the row of the span that was looked for last. */
  set(row: number): void {
    if (this.#size > entrySize) return;
    this.#key[0] = row;
    this.#entries.set(this.#key, this.#entry);
  }

  /** Forgets all rows, since some are not what they were. */
  clear(): void {
    this.#entries.fill(0);
  }

  /** Adds a range of bytes, or that there is none; returns the hash with them. */
  #add(before: number, start: number, end: number): number {
    const key = this.#key;
    const view = this.#view;
    let size = this.#size;
    const length = start < 0 ? 0 : end - start;
    this.#size = size + 1 + ((length + 3) >>> 2);
    if (this.#size > entrySize) return before;
    const head = start < 0 ? -1 : length;
    key[size++] = head;
    let hash = Math.imul(before ^ head, factor);
    let at = start;
    for (const last = start + length - 4; at <= last; at += 4) {
      const found = view.getInt32(at, true);
      key[size++] = found;
      hash = Math.imul(hash ^ found, factor);
    }
    if (at === start + length) return hash;
    let rest = 0;
    for (let shift = 0; at < start + length; at++, shift += 8) rest |= view.getUint8(at) << shift;
    key[size] = rest;
    return Math.imul(hash ^ rest, factor);
  }
}
