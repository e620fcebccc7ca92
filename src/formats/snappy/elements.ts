/** A part of a compressed block: a literal, or a copy of what was a distance before. */
export interface SnappyElement {
  /** Where it is, and where the bytes of a literal begin in it. */
  readonly start: number;
  readonly literalAt: number;
  readonly end: number;
  /** The size without compression. */
  readonly length: number;
  /** How far back a copy reaches; 0 for a literal. */
  readonly distance: number;
}

/** Steps through compressed elements of our own making, without copies from further back than 64 KiB. */
export function* elementsOf(bytes: Buffer, from: number, to: number): Generator<SnappyElement, void, void> {
  let end = from;
  for (let start = from; start < to; start = end) {
    const tag = bytes[start] ?? 0;
    const number = tag >>> 2;
    switch (tag & 3) {
      case 0: {
        const extra = Math.max(0, number - 59);
        const literalAt = start + 1 + extra;
        const length = (extra === 0 ? number : bytes.readUIntLE(start + 1, extra)) + 1;
        end = literalAt + length;
        yield { start, literalAt, end, length, distance: 0 };
        break;
      }
      case 1: {
        end = start + 2;
        const distance = ((tag >>> 5) << 8) | (bytes[start + 1] ?? 0);
        yield { start, literalAt: end, end, length: (number & 7) + 4, distance };
        break;
      }
      default: {
        end = start + 3;
        yield { start, literalAt: end, end, length: number + 1, distance: bytes.readUInt16LE(start + 1) };
      }
    }
  }
}
