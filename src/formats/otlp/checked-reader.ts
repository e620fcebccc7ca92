import { wireType } from '../protobuf/field-reader.ts';

/** Groups are long deprecated, but unknown fields may be some. */
export const groupStart = 3;
export const groupEnd = 4;

/**
 * Reads protobuf that is known to be well-formed, such as that of an OTLP batch: nothing is checked again. A user sets
 * `bytes` and `at`, reads a tag, and then the value in the way that fits it.
 */
export class CheckedReader {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;

  /** An unsigned integer. Exact up to 2^53. */
  varint(): number {
    const { bytes } = this;
    const first = bytes[this.at++] ?? 0;
    if (first < 0x80) return first;
    const second = bytes[this.at++] ?? 0;
    if (second < 0x80) return (second << 7) | (first & 0x7f);
    let value = ((second & 0x7f) << 7) | (first & 0x7f);
    for (let factor = 0x4000; ; factor *= 0x80) {
      const byte = bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over the value of a field with that tag. */
  skip(tag: number): void {
    switch (tag & 7) {
      case wireType.varint:
        while ((this.bytes[this.at++] ?? 0) >= 0x80);
        break;
      case wireType.fixed64:
        this.at += 8;
        break;
      case wireType.bytes:
        // Two statements: the position moves while the length is read.
        {
          const length = this.varint();
          this.at += length;
        }
        break;
      case groupStart:
        for (let inner = this.varint(); (inner & 7) !== groupEnd; inner = this.varint()) this.skip(inner);
        break;
      default:
        this.at += 4;
    }
  }
}
