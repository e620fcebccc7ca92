import type { ByteBuilder } from '../../base/byte-builder.ts';
import type { AnyValue } from './any-value.ts';
import { CheckedReader } from './checked-reader.ts';

/** The fields of an AnyValue, as tags. */
const tag = { string: 0x0a, bool: 0x10, int: 0x18, double: 0x21, array: 0x2a, map: 0x32, bytes: 0x3a };

/** Shows an AnyValue message without building anything. */
export class ValueCursor {
  type: AnyValue['type'] = 'empty';
  /** Of a string or bytes the range of their bytes, of an array or a map that of its elements, of an integer its varint. */
  start = 0;
  end = 0;
  bool = false;
  double = 0;
  readonly #reader = new CheckedReader();

  read(bytes: Buffer, start: number, end: number): void {
    // Nearly all are short text.
    if (bytes[start] === tag.string && bytes[start + 1] === end - start - 2 && end - start < 0x80) {
      this.type = 'string';
      this.start = start + 2;
      this.end = end;
      return;
    }
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.at = start;
    this.type = 'empty';
    while (reader.at < end) {
      const found = reader.varint();
      switch (found) {
        case tag.string:
          this.#range('string');
          break;
        case tag.bool:
          this.type = 'bool';
          this.bool = reader.varint() !== 0;
          break;
        case tag.int:
          this.type = 'int';
          this.start = reader.at;
          reader.skip(found);
          this.end = reader.at;
          break;
        case tag.double:
          this.type = 'double';
          this.double = bytes.readDoubleLE(reader.at);
          reader.at += 8;
          break;
        case tag.array:
          this.#range('array');
          break;
        case tag.map:
          this.#range('map');
          break;
        case tag.bytes:
          this.#range('bytes');
          break;
        default:
          reader.skip(found);
      }
    }
  }

  /** Appends the digits of an integer. */
  appendInt(out: ByteBuilder): void {
    // Four bytes hold 28 bits.
    if (this.end - this.start > 4) out.appendAscii(this.intText);
    else {
      const reader = this.#reader;
      reader.at = this.start;
      out.appendInteger(reader.varint());
    }
  }

  /** The digits of an integer. */
  get intText(): string {
    const reader = this.#reader;
    reader.at = this.start;
    // Seven bytes hold 49 bits.
    if (this.end - this.start <= 7) return String(reader.varint());
    let value = 0n;
    for (let at = this.end - 1; at >= this.start; at--) value = (value << 7n) | BigInt((reader.bytes[at] ?? 0) & 0x7f);
    return String(BigInt.asIntN(64, value));
  }

  #range(type: AnyValue['type']): void {
    const reader = this.#reader;
    this.type = type;
    const length = reader.varint();
    this.start = reader.at;
    this.end = reader.at = this.start + length;
  }
}
