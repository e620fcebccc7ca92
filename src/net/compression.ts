import {
  deflate,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  constants,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { messageOf } from '../base/message-of.ts';
import { ParseError, TooLargeError } from '../base/parse-error.ts';
import { ReusedMemory } from '../base/reused-memory.ts';
import { decompress as decompressLz4 } from '../formats/lz4/decompress.ts';
import { compressed as snappyBlock } from '../formats/snappy/compress.ts';
import { decompress as decompressBlock } from '../formats/snappy/decompress.ts';
import { compressFramed, decompressFramed, isFramed } from '../formats/snappy/framed.ts';

/**
 * Ways to compress the body of a request, by the names that `Content-Encoding` has for them. `deflate` and `zlib` are the
 * same. `snappy` is a bare block when it is written; either form is read, whichever of the two names it comes with.
 */
export const contentCodings = ['gzip', 'zstd', 'zlib', 'deflate', 'snappy', 'x-snappy-framed', 'lz4'] as const;

export type ContentCoding = (typeof contentCodings)[number];

/** Those in which something can be written. */
export type Compression = Exclude<ContentCoding, 'lz4'>;

/**
 * What takes longer than about half a millisecond is left to a thread; for less than that, threads take about twice the
 * processor time. Sizes are of uncompressed data: deflating takes ten times as long as zstd, and inflating is fast.
 */
const longestSync = { inflate: 512 * 1024, deflate: 64 * 1024, zstd: 512 * 1024 };

/** Threads are asked for so much at a time; for less of what is compressed, which gets several times smaller. */
const threadChunk = 256 * 1024;
const leastChunk = 16 * 1024;
const usualRatio = 8;

/** Chunks that are put together to be compressed. */
const bodies = new ReusedMemory(8 * 1024 * 1024);

/** The level of gzip and deflate unless one is asked for: three times as fast as the usual 6, and a tenth larger. */
const usualLevel = 3;

/** Decompressing zstd may take so much memory for what copies refer to: 2 to the power of that. */
const maxZstdWindow = 25;

/** A buffer that is this many times as large as what is in it is not kept for it. */
const maxSlack = 1.5;

/** What the functions of `node:zlib` are told; levels of zstd are parameters. */
interface ZlibSettings {
  readonly chunkSize?: number;
  readonly maxOutputLength?: number;
  readonly level?: number;
  readonly params?: Readonly<Record<number, number>>;
}

/** One of the functions of `node:zlib`, in its two forms. */
interface ZlibWork {
  readonly atOnce: (body: Buffer, settings: ZlibSettings) => Buffer;
  readonly onThread: (
    body: Buffer,
    settings: ZlibSettings,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
}

const unpack = {
  gzip: { atOnce: gunzipSync, onThread: gunzip },
  zlib: { atOnce: inflateSync, onThread: inflate },
  raw: { atOnce: inflateRawSync, onThread: inflateRaw },
  zstd: { atOnce: zstdDecompressSync, onThread: zstdDecompress },
} satisfies Record<string, ZlibWork>;

const pack = {
  gzip: { atOnce: gzipSync, onThread: gzip },
  zlib: { atOnce: deflateSync, onThread: deflate },
  zstd: { atOnce: zstdCompressSync, onThread: zstdCompress },
} satisfies Record<string, ZlibWork>;

type Decompressor = (body: Buffer, maxBytes: number) => Buffer | ParseError | Promise<Buffer | ParseError>;

const decompressors: Readonly<Record<ContentCoding, Decompressor>> = {
  gzip: (body, maxBytes) => inflated('gzip', unpack.gzip, body, maxBytes),
  zstd: (body, maxBytes) => inflated('zstd', unpack.zstd, body, maxBytes),
  zlib: inflatedEitherWay,
  deflate: inflatedEitherWay,
  snappy: decompressSnappy,
  'x-snappy-framed': decompressSnappy,
  lz4: decompressLz4,
};

/**
 * Decompresses a body that is at most `maxBytes` long then; a `TooLargeError` tells that it would be longer. Never takes
 * much more memory than that. Small ones are there at once, for others there is a promise, which does not reject.
 */
export function decompress(
  coding: ContentCoding,
  body: Buffer,
  maxBytes: number,
): Buffer | ParseError | Promise<Buffer | ParseError> {
  return decompressors[coding](body, maxBytes);
}

const compressors: Readonly<Record<Compression, (body: Buffer, level?: number) => Buffer | Promise<Buffer>>> = {
  gzip: (body, level = usualLevel) => deflated(pack.gzip, body, longestSync.deflate, { level }),
  zlib: deflatedWithHeader,
  deflate: deflatedWithHeader,
  zstd(body, level) {
    const settings = level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } };
    return deflated(pack.zstd, body, longestSync.zstd, settings);
  },
  snappy: (body) => snappyBlock(body),
  'x-snappy-framed': (body) => compressFramed(body),
};

/** Compresses what a list of chunks holds; `level` is one that the coding knows. */
export function compress(
  compression: Compression,
  chunks: readonly Buffer[],
  level?: number,
): Buffer | Promise<Buffer> {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return compressors[compression](first, level);
  const body = bodies.joined(chunks);
  const packed = compressors[compression](body, level);
  if (packed instanceof Promise) return packed.finally(() => bodies.give(body));
  bodies.give(body);
  return packed;
}

function deflatedWithHeader(body: Buffer, level = usualLevel): Buffer | Promise<Buffer> {
  return deflated(pack.zlib, body, longestSync.deflate, { level });
}

function deflated(work: ZlibWork, body: Buffer, longest: number, settings: ZlibSettings): Buffer | Promise<Buffer> {
  const chunkSize = Math.min(threadChunk, Math.max(leastChunk, body.length / usualRatio));
  const whole = { ...settings, chunkSize: Math.ceil(chunkSize) };
  return body.length <= longest ? work.atOnce(body, whole) : onThread(work, body, whole);
}

function onThread(work: ZlibWork, body: Buffer, settings: ZlibSettings): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    work.onThread(body, settings, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function inflatedEitherWay(body: Buffer, maxBytes: number): Buffer | ParseError | Promise<Buffer | ParseError> {
  return inflated('deflate', hasZlibHeader(body) ? unpack.zlib : unpack.raw, body, maxBytes);
}

function inflated(
  coding: ContentCoding,
  work: ZlibWork,
  body: Buffer,
  maxBytes: number,
): Buffer | ParseError | Promise<Buffer | ParseError> {
  const failed = (error: unknown): ParseError =>
    isTooLarge(error) ? tooLarge(maxBytes) : new ParseError(`the body is not valid ${coding}: ${messageOf(error)}`);
  const settings = coding === 'zstd' ? { params: { [constants.ZSTD_d_windowLogMax]: maxZstdWindow } } : {};
  const expected = expectedSize(coding, body);
  const limit = Math.min(maxBytes, longestSync.inflate);
  if (expected <= limit) {
    try {
      // With room for more than it should take, so that there is one piece.
      return withoutSlack(work.atOnce(body, { ...settings, chunkSize: expected + 64, maxOutputLength: limit }));
    } catch (error) {
      if (!isTooLarge(error) || limit === maxBytes) return failed(error);
    }
  }
  const large = { ...settings, chunkSize: threadChunk, maxOutputLength: maxBytes };
  return onThread(work, body, large).then(withoutSlack, failed);
}

function tooLarge(maxBytes: number): ParseError {
  return new TooLargeError(`the body is larger than ${maxBytes} bytes when it is decompressed`);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

/** How long a body probably is when it is decompressed. Only a guess, since it can say what it likes. */
function expectedSize(coding: ContentCoding, body: Buffer): number {
  const usual = body.length * 4;
  if (coding !== 'gzip' || body.length < 4) return usual;
  const told = body.readUInt32LE(body.length - 4);
  return told < body.length * 64 ? told : usual;
}

function withoutSlack(result: Buffer): Buffer {
  return result.buffer.byteLength > result.length * maxSlack ? Buffer.from(result) : result;
}

/** Clients mean either of two formats by `deflate`: the one with a header and checksum, or the bare one. */
function hasZlibHeader(body: Buffer): boolean {
  const header = body.length < 2 ? 0 : body.readUInt16BE(0);
  return (header & 0x0f00) === 0x0800 && header % 31 === 0;
}

function decompressSnappy(body: Buffer, maxBytes: number): Buffer | ParseError {
  return isFramed(body) ? decompressFramed(body, maxBytes) : decompressBlock(body, maxBytes);
}
