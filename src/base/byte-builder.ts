import { copyBytes, ownBuffer } from './bytes.ts';

/** Larger memory is given back when the builder is emptied, so that one huge piece does not stay paid for. */
const maxKept = 1024 * 1024;

/** Up to here a copy word by word costs less than a call of `Buffer.copy`. */
const maxWordwise = 96;

const zero = 0x30;

/** Bytes that are put together piece by piece, in memory that is used over and over. */
export class ByteBuilder {
  #size = 0;
  #bytes = ownBuffer(256);
  #words = wordsOf(this.#bytes);

  get size(): number {
    return this.#size;
  }

  /** Copies a range of bytes to the end, and returns the offset where it begins. */
  append(bytes: Buffer, start: number, end: number): number {
    const at = this.#size;
    copyBytes(bytes, start, end, this.reserve(end - start), at);
    this.#size = at + end - start;
    return at;
  }

  /** As `append`, for what another builder has: short ranges are copied word by word. */
  appendFrom(source: ByteBuilder, start: number, end: number): void {
    const size = end - start;
    const at = this.#size;
    // Up to three bytes more do no harm on either side.
    this.reserve(size + 4);
    if (size > maxWordwise || end + 4 > source.#bytes.length) source.#bytes.copy(this.#bytes, at, start, end);
    else {
      const from = source.#words;
      const to = this.#words;
      for (let done = 0; done < size; done += 4) to.setInt32(at + done, from.getInt32(start + done, true), true);
    }
    this.#size = at + size;
  }

  /** Writes text as UTF-8 to the end, and returns the offset where it begins. */
  appendText(text: string): number {
    const at = this.#size;
    this.#size = at + this.reserve(3 * text.length).write(text, at);
    return at;
  }

  /** As `appendText`, for short text of ASCII, which costs less character by character. */
  appendAscii(text: string): number {
    const at = this.#size;
    const bytes = this.reserve(text.length);
    for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
    this.#size = at + text.length;
    return at;
  }

  /** Writes the digits of an integer from 0 up to 2^31. */
  appendInteger(value: number): number {
    const at = this.#size;
    let end = at + 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
    const bytes = this.reserve(end - at);
    let rest = value;
    for (let digit = end - 1; digit >= at; digit--) {
      const tenth = (rest / 10) | 0;
      bytes[digit] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    this.#size = end;
    return at;
  }

  /** The memory, with room for so many bytes at offset `size`; whoever writes there says with `advanceTo` how far. */
  reserve(room: number): Buffer {
    if (this.#size + room > this.#bytes.length) {
      const larger = ownBuffer(Math.max(this.#size + room, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
      this.#words = wordsOf(larger);
    }
    return this.#bytes;
  }

  /** The same memory as words. */
  get words(): DataView {
    return this.#words;
  }

  advanceTo(size: number): void {
    this.#size = size;
  }

  /** All bytes, in memory of their own. */
  copy(): Buffer {
    const bytes = ownBuffer(this.#size);
    this.#bytes.copy(bytes, 0, 0, this.#size);
    return bytes;
  }

  /** Copies a range of what was appended to another place. */
  copyTo(target: Buffer, at: number, start: number, end: number): void {
    this.#bytes.copy(target, at, start, end);
  }

  clear(): void {
    this.#size = 0;
    if (this.#bytes.length <= maxKept) return;
    this.#bytes = ownBuffer(256);
    this.#words = wordsOf(this.#bytes);
  }
}

function wordsOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
