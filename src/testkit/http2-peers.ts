import assert from 'node:assert/strict';
import * as net from 'node:net';
import { frameTypes, preface } from '../net/http2/codes.ts';
import { encodeHeaderBlock } from '../net/http2/header-block.ts';
import type { Http2Headers } from '../net/http2/header-decoder.ts';
import { Http2Connection, type Http2Owner } from '../net/http2/http2-connection.ts';
import type { Http2Stream, StreamEnd, StreamHandler } from '../net/http2/http2-stream.ts';
import type { Http2Limits } from '../net/http2/incoming-frames.ts';
import { until } from './until.ts';

/*
 * Connections of HTTP/2 without anything above them, and clients that send whatever frames they like.
 */

export const http2Limits: Http2Limits = {
  streamWindow: 100_000,
  connectionWindow: 300_000,
  maxStreams: 100,
  maxHeaderBytes: 10_000,
};

export const quiet: Http2Owner = {
  opened: () => assert.fail('nobody opens streams'),
  ready: () => undefined,
  pinged: () => undefined,
  goingAway: () => undefined,
  closed: () => undefined,
};

/** What came on a stream; resolves when it is closed. */
export class Kept implements StreamHandler {
  readonly all: Http2Headers[] = [];
  readonly #parts: Buffer[] = [];
  readonly #end = Promise.withResolvers<StreamEnd>();
  readonly #ended: (kept: Kept) => void;

  constructor(ended: (kept: Kept) => void = () => undefined) {
    this.#ended = ended;
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  get closing(): Promise<StreamEnd> {
    return this.#end.promise;
  }

  headers(headers: Http2Headers): void {
    this.all.push({ ...headers });
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
  }

  ended(): void {
    this.#ended(this);
  }

  closed(end: StreamEnd): void {
    this.#end.resolve(end);
  }
}

const ok = encodeHeaderBlock({ ':status': '200' });
const trailers = encodeHeaderBlock({ 'x-sum': 'done' });

/** A server that says what it was asked, headers included, on a port of this machine. */
export class EchoServer {
  readonly connections: Http2Connection[] = [];
  readonly streams: Http2Stream[] = [];
  readonly errors: (Error | undefined)[] = [];
  readonly #server: net.Server;

  /** Bodies that are larger are not answered. */
  readonly #maxEcho: number;

  private constructor(given: Partial<Http2Limits>, maxEcho: number) {
    this.#maxEcho = maxEcho;
    this.#server = net.createServer((socket) => {
      const connection = new Http2Connection(
        socket,
        'server',
        { ...http2Limits, ...given },
        {
          ...quiet,
          opened: (stream, headers) => {
            this.streams.push(stream);
            return new Kept(({ body }) => {
              if (body.length > this.#maxEcho) return;
              const names = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
              stream.send(
                Buffer.concat([ok, encodeHeaderBlock(Object.fromEntries(names) as Record<string, string>)]),
                [body],
                trailers,
              );
            });
          },
          closed: (error) => this.errors.push(error),
        },
      );
      this.connections.push(connection);
    });
  }

  static async start(given: Partial<Http2Limits> = {}, maxEcho = Infinity): Promise<EchoServer> {
    const echo = new EchoServer(given, maxEcho);
    await new Promise<void>((resolve) => echo.#server.listen(0, '127.0.0.1', resolve));
    return echo;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  [Symbol.dispose](): void {
    for (const connection of this.connections) connection.destroy();
    this.#server.close();
  }
}

export function frame(type: number, flags: number, stream: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(content.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, content]);
}

export const word = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
};
export const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.of(0, id), word(value)]);
/** The frames of an answer, without those that every connection has. */
export async function talk(
  port: number,
  bytes: readonly Buffer[],
  isEnough: (frames: readonly string[]) => boolean,
): Promise<string[]> {
  const socket = net.connect(port, '127.0.0.1');
  let received = Buffer.alloc(0);
  const frames: string[] = [];
  let isClosed = false;
  socket.on('error', () => undefined);
  socket.on('close', () => (isClosed = true));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
      const end = 9 + received.readUIntBE(0, 3);
      const type = received[3] ?? 0;
      const stream = received.readUInt32BE(5);
      if (type === frameTypes.goaway) frames.push(`goaway ${received.readUInt32BE(13)}`);
      else if (type === frameTypes.rstStream) frames.push(`reset ${stream}: ${received.readUInt32BE(9)}`);
      else if (type === frameTypes.headers) frames.push(`headers ${stream}`);
      else if (type === frameTypes.ping) frames.push(`ping ${received.toString('latin1', 9, end)}`);
      received = received.subarray(end);
    }
  });
  socket.write(Buffer.concat([preface, ...bytes]));
  await until(() => isClosed || isEnough(frames));
  socket.destroy();
  return frames;
}
