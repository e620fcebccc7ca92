import { CheckedReader } from './checked-reader.ts';

/** The fields of a KeyValue, as tags. */
const tag = { key: 0x0a, value: 0x12 };

/**
 * The attributes of a resource, scope, span, event, data point or record as ranges of bytes, in their order. It is filled
 * anew for each; whoever wants to keep a range copies it.
 */
export class AttributeList {
  count = 0;
  /** What the ranges are of. */
  bytes: Buffer = Buffer.alloc(0);
  /** The whole KeyValue message, without its tag and length. */
  starts = new Int32Array(16);
  ends = new Int32Array(16);
  keyStarts = new Int32Array(16);
  keyEnds = new Int32Array(16);
  /** The AnyValue message; an empty range for the empty value. */
  valueStarts = new Int32Array(16);
  valueEnds = new Int32Array(16);
  readonly #reader = new CheckedReader();

  /** Empties it, for attributes in these bytes. */
  clear(bytes: Buffer): void {
    this.count = 0;
    this.bytes = bytes;
  }

  /** Adds the KeyValue message in a range. */
  add(start: number, end: number): void {
    const index = this.count++;
    if (index === this.starts.length) this.#grow();
    const { bytes } = this;
    let keyStart = start + 2;
    let keyEnd = keyStart + (bytes[start + 1] ?? 0);
    let valueStart = keyEnd + 2;
    let valueEnd = end;
    // Nearly all have a key and a value, in this order, with lengths of one byte.
    const isUsual =
      bytes[start] === tag.key &&
      (bytes[start + 1] ?? 0) < 0x80 &&
      valueStart <= end &&
      bytes[keyEnd] === tag.value &&
      (bytes[keyEnd + 1] ?? 0) === end - valueStart &&
      end - valueStart < 0x80;
    if (!isUsual) {
      const reader = this.#reader;
      reader.bytes = bytes;
      reader.at = start;
      keyStart = keyEnd = start;
      valueStart = valueEnd = end;
      while (reader.at < end) {
        const found = reader.varint();
        if (found === tag.key) {
          const length = reader.varint();
          keyStart = reader.at;
          keyEnd = reader.at = keyStart + length;
        } else if (found === tag.value) {
          const length = reader.varint();
          valueStart = reader.at;
          valueEnd = reader.at = valueStart + length;
        } else reader.skip(found);
      }
    }
    this.starts[index] = start;
    this.ends[index] = end;
    this.keyStarts[index] = keyStart;
    this.keyEnds[index] = keyEnd;
    this.valueStarts[index] = valueStart;
    this.valueEnds[index] = valueEnd;
  }

  /** The index of the first attribute with that key, or -1. */
  find(key: Buffer): number {
    const { bytes } = this;
    for (let index = 0; index < this.count; index++) {
      const start = this.keyStarts[index] ?? 0;
      if ((this.keyEnds[index] ?? 0) - start !== key.length) continue;
      let at = 0;
      while (at < key.length && bytes[start + at] === key[at]) at++;
      if (at === key.length) return index;
    }
    return -1;
  }

  #grow(): void {
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.keyStarts = grown(this.keyStarts);
    this.keyEnds = grown(this.keyEnds);
    this.valueStarts = grown(this.valueStarts);
    this.valueEnds = grown(this.valueEnds);
  }
}

function grown(column: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}
