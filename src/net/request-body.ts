import { createGunzip, createInflate, createInflateRaw, type Gunzip } from 'node:zlib';
import type { Reservation } from '../base/byte-budget.ts';
import { messageOf } from '../base/message-of.ts';
import { laterAnswer, textAnswer, type HttpAnswer } from './http-answer.ts';
import type { HttpExchange } from './http-exchange.ts';

export interface BodyLimits {
  /** Of the body as it comes, and of what it holds when it is unpacked. */
  readonly maxBytes: number;
  /** What the body takes of the memory that all requests share; more of it can be taken for what is made of the body. */
  readonly memory: Reservation;
}

const chunkSize = 64 * 1024;

/**
 * Reads the body of a request, and unpacks it if it says that it is packed. Bodies that cannot be taken give the answer
 * that says why. Rejects if the connection breaks.
 */
export async function readBody(exchange: HttpExchange, limits: BodyLimits): Promise<Buffer | HttpAnswer> {
  const { headers } = exchange.request;
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
  if (!['', 'identity', 'snappy', 'gzip', 'deflate'].includes(encoding))
    return textAnswer(400, `Content-Encoding ${JSON.stringify(encoding)} not supported`);
  if (Number(headers['content-length']) > limits.maxBytes) return tooLarge(limits);

  const incoming = exchange.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const body = await collect(counted(incoming, exchange), limits);
  if (!Buffer.isBuffer(body) || (encoding !== 'gzip' && encoding !== 'deflate')) return body;
  const unpack = encoding === 'gzip' ? createGunzip({ chunkSize }) : inflateOf(body);
  unpack.end(body);
  try {
    return await collect(unpack as AsyncIterable<Buffer>, limits);
  } catch (error) {
    return textAnswer(400, `the body is not valid ${encoding}: ${messageOf(error)}`);
  } finally {
    limits.memory.giveBack(body.length);
  }
}

/** Clients mean either of two formats by the name of this encoding: the one with a header and checksum, or the bare one. */
function inflateOf(body: Buffer): Gunzip {
  const header = body.length < 2 ? 0 : body.readUInt16BE(0);
  const hasHeader = (header & 0x0f00) === 0x0800 && header % 31 === 0;
  return hasHeader ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
}

async function* counted(chunks: AsyncIterable<Buffer>, exchange: HttpExchange): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    exchange.receivedBytes += chunk.length;
    yield chunk;
  }
}

/** Puts chunks together, and stops where they become too many. */
async function collect(source: AsyncIterable<Buffer>, limits: BodyLimits): Promise<Buffer | HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > limits.maxBytes) return tooLarge(limits);
    if (!limits.memory.take(chunk.length)) return laterAnswer(429, 'too many bytes are under way');
    chunks.push(chunk);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, size);
}

export function tooLarge({ maxBytes }: BodyLimits): HttpAnswer {
  return textAnswer(413, `message size too large, at most ${maxBytes} bytes are allowed`);
}
