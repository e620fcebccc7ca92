/** Compressed data is cut off, or is not what it should be. */
export class CorruptedData extends Error {
  override readonly name = 'CorruptedData';
}

/** Decompresses a stream piece by piece. It belongs to whoever made it until `close`. */
export interface Decoder {
  /** Whether what it decodes has ended; the rest is no part of it. */
  readonly isEnded: boolean;
  /** What a piece decompresses to, with that of earlier pieces that was held back. Throws `CorruptedData`. */
  decode(piece: Buffer): AsyncGenerator<Buffer>;
  /** What is left when there are no more pieces. */
  end(): AsyncGenerator<Buffer>;
  close(): void;
}
