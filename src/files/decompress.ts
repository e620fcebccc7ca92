import { Bzip2Decoder } from './bzip2-decoder.ts';
import { CorruptedData } from './decoder.ts';
import { ZlibDecoder } from './zlib-decoder.ts';

/** `gz`: gzip, `z`: zlib, `bz2`: bzip2. */
export type Compression = 'gz' | 'z' | 'bz2';

/** How much compressed data is decoded at once. */
const pieceSize = 64 * 1024;

/**
 * The content of compressed data, in parts of limited size. When data turns out to be corrupted, what was decoded together
 * with the broken part is lost with it in the decoder; therefore the same is done once more, byte by byte from there on,
 * and what was given already is left out.
 */
export async function* decompress(
  compression: Compression,
  read: (start: number, end: number) => Promise<Buffer>,
): AsyncGenerator<Buffer> {
  const progress = newProgress();
  try {
    yield* decodeAll(compression, read, progress, Infinity);
  } catch (error) {
    const isAllGiven = compression === 'bz2' || progress.isAtEnd;
    if (!(error instanceof CorruptedData) || isAllGiven) throw error;
    let toSkip = progress.given;
    for await (const part of decodeAll(compression, read, newProgress(), progress.decoded)) {
      if (part.length > toSkip) yield part.subarray(toSkip);
      toSkip = Math.max(0, toSkip - part.length);
    }
  }
}

interface Progress {
  /** How much content was given. */
  given: number;
  /** How much compressed data was decoded as a whole. */
  decoded: number;
  /** Whether that is all there is. */
  isAtEnd: boolean;
}

function newProgress(): Progress {
  return { given: 0, decoded: 0, isAtEnd: false };
}

async function* decodeAll(
  compression: Compression,
  read: (start: number, end: number) => Promise<Buffer>,
  progress: Progress,
  carefulFrom: number,
): AsyncGenerator<Buffer> {
  const decoder = compression === 'bz2' ? new Bzip2Decoder() : new ZlibDecoder(compression);
  try {
    while (!decoder.isEnded) {
      const piece = await read(progress.decoded, progress.decoded + pieceSize);
      if (piece.length === 0) break;
      const step = progress.decoded >= carefulFrom ? 1 : piece.length;
      for (let at = 0; at < piece.length && !decoder.isEnded; at += step) {
        for await (const part of decoder.decode(piece.subarray(at, at + step))) {
          progress.given += part.length;
          yield part;
        }
      }
      progress.decoded += piece.length;
    }
    progress.isAtEnd = true;
    if (!decoder.isEnded) yield* decoder.end();
  } finally {
    decoder.close();
  }
}
