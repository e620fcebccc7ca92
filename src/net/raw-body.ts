import { receivedMemory } from '../base/reused-memory.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { BodyLimits } from './request-body.ts';

/** Why a body was not read: it is larger than it may be, or requests under way take all the memory there is for them. */
export type BodyProblem = 'too large' | 'no memory';

/**
 * Reads the body of a request as it comes, compressed or not. Rejects if the connection breaks. When nobody reads the body any more,
 * it can be given back to `receivedMemory`.
 */
export function readRawBody(exchange: HttpExchange, limits: BodyLimits): Promise<Buffer | BodyProblem> {
  const { request } = exchange;
  const announced = Number(request.headers['content-length']);
  const isAnnounced = Number.isSafeInteger(announced) && announced >= 0;
  if (isAnnounced && announced > limits.maxBytes) return Promise.resolve('too large');
  const collector = isAnnounced ? new KnownLength(announced, limits) : new UnknownLength(limits);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | BodyProblem>();
  const data = (chunk: Buffer): void => {
    exchange.receivedBytes += chunk.length;
    const problem = collector.add(chunk);
    if (problem !== undefined) done(problem);
  };
  const end = (): void => done(collector.body());
  const broken = (): void => {
    stop();
    reject(new Error('the connection has broken'));
  };
  const stop = (): void => {
    request.off('data', data).off('end', end).off('error', broken).off('close', broken);
  };
  const done = (result: Buffer | BodyProblem): void => {
    stop();
    // Whoever answers reads on, so that the client sees the answer.
    request.pause();
    resolve(result);
  };
  request.on('data', data).on('end', end).on('error', broken).on('close', broken);
  return promise;
}

/** Memory counts when it is filled, so that announcing much takes nothing. Node ends a body at that length. */
class KnownLength {
  readonly #limits: BodyLimits;
  readonly #bytes: Buffer;
  #size = 0;

  constructor(length: number, limits: BodyLimits) {
    this.#limits = limits;
    this.#bytes = receivedMemory.take(length);
  }

  add(chunk: Buffer): BodyProblem | undefined {
    if (!this.#limits.memory.take(chunk.length)) return 'no memory';
    chunk.copy(this.#bytes, this.#size);
    this.#size += chunk.length;
    return undefined;
  }

  body(): Buffer {
    return this.#bytes;
  }
}

class UnknownLength {
  readonly #limits: BodyLimits;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  add(chunk: Buffer): BodyProblem | undefined {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxBytes) return 'too large';
    if (!this.#limits.memory.take(chunk.length)) return 'no memory';
    this.#chunks.push(chunk);
    return undefined;
  }

  body(): Buffer {
    return Buffer.concat(this.#chunks, this.#size);
  }
}
