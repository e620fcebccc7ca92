import * as net from 'node:net';
import type { ByteBuilder } from '../base/byte-builder.ts';
import type { Milliseconds } from '../base/duration.ts';
import type { HttpResponse } from './http-message.ts';
import { ResponseReader } from './response-reader.ts';
import { sharedRead } from './shared-read.ts';

/** What is read beyond the wanted part of a body, so that the connection can be used again. */
const drainBytes = 64 * 1024;

/** What matters of a request beside the lines that it begins with. */
export interface PlainRequest {
  readonly method: string;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
  /** Memory for the body of the response; its own without it. */
  readonly into?: ByteBuilder | undefined;
}

interface UnderWay {
  readonly reader: ResponseReader;
  readonly maxResponseBytes: number;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** Is told what becomes of a connection. */
export interface ConnectionOwner {
  /** It can be used for another request; for how long, if the peer has said so. */
  free(keptFor: Milliseconds | undefined): void;
  /** It is no more. */
  gone(): void;
}

/** A connection without TLS that carries one request of HTTP/1.1 at a time. */
export class PlainConnection {
  /** When its owner gives it up if nobody uses it, by `performance.now`. */
  expiresAt = Infinity;
  readonly #socket: net.Socket;
  readonly #owner: ConnectionOwner;
  #underWay: UnderWay | undefined;
  #reader: ResponseReader | undefined;
  #error: Error | undefined;

  constructor(options: net.TcpNetConnectOpts, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#socket = net.connect({
      noDelay: true,
      keepAlive: true,
      ...options,
      onread: sharedRead((bytes, size) => this.#read(bytes, size)),
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('error', (error) => (this.#error = error));
    this.#socket.on('close', () => {
      this.#fail(this.#error ?? hangUp());
      owner.gone();
    });
  }

  /** Whether it seems to be there still. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Whether something of the response to the last request has come. */
  get hasAnswer(): boolean {
    return this.#reader?.hasBegun === true;
  }

  /** Sends a request, which begins with some lines. Rejects with the error of the connection, and with the reason of the signal when that aborts. */
  send({ method, body, signal, maxResponseBytes, into }: PlainRequest, head: string): Promise<HttpResponse> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#fail(signal.reason);
        socket.destroy();
      };
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', abort);
          settle(value);
        };
      const reader = new ResponseReader(method, maxResponseBytes, into);
      this.#reader = reader;
      this.#underWay = {
        reader,
        maxResponseBytes,
        resolve: settled(resolve),
        reject: settled(reject),
      };
      signal.addEventListener('abort', abort);
      socket.ref();
      if (body === undefined) socket.write(head, 'latin1');
      else {
        socket.cork();
        socket.write(head, 'latin1');
        socket.write(body);
        socket.uncork();
      }
    });
  }

  /** Nobody waits for it: it does not keep the program running. */
  rest(): void {
    this.#socket.unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer, size: number): void {
    const underWay = this.#underWay;
    // Nobody has asked for what comes.
    if (underWay === undefined) {
      this.#socket.destroy();
      return;
    }
    const { reader, maxResponseBytes } = underWay;
    let end = 0;
    try {
      end = reader.read(bytes, 0, size);
    } catch (error) {
      this.#fail(error);
      this.#socket.destroy();
      return;
    }
    if (reader.isDone) this.#done(underWay, end === size && reader.keepsConnection);
    else if (reader.received > maxResponseBytes + drainBytes) this.#done(underWay, false);
  }

  #ended(): void {
    const underWay = this.#underWay;
    if (underWay?.reader.end() === true) this.#done(underWay, false);
    else this.#fail(this.#error ?? hangUp());
    this.#socket.destroy();
  }

  #done({ reader, resolve }: UnderWay, isKept: boolean): void {
    this.#underWay = undefined;
    // The peer may answer before it has read everything.
    if (isKept && this.#socket.writableLength === 0) this.#owner.free(keptFor(reader.headers['keep-alive']));
    else this.#socket.destroy();
    resolve(reader.response);
  }

  #fail(error: unknown): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    underWay?.reject(error);
  }
}

function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/** How long a peer says that it keeps an idle connection. */
function keptFor(header: string | string[] | undefined): Milliseconds | undefined {
  const [, seconds] = /(?:^|[, \t])timeout=(\d{1,6})/i.exec(String(header ?? '')) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
