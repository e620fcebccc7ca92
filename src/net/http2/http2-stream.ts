import type { Http2Headers } from './header-decoder.ts';

/** Why a stream is over. */
export interface StreamEnd {
  /** 0 if both sides have said all they wanted; otherwise the code of whoever has reset it. */
  readonly code: number;
  /** Whether the peer has certainly not begun with it. */
  readonly isUnprocessed: boolean;
  /** What has happened to the connection. */
  readonly error: Error | undefined;
}

/** Is told what the peer says on a stream. */
export interface StreamHandler {
  /** Those of the answer; and once more if there are some behind the data. */
  headers(headers: Http2Headers): void;
  /** A piece of the data; the memory is valid during the call only. */
  data(bytes: Buffer, start: number, end: number): void;
  /** The peer has said all. */
  ended(): void;
  /** Called once, and nothing else after it. */
  closed(end: StreamEnd): void;
}

/** What streams need of their connection. */
export interface StreamConnection {
  /** The stream has something to send. */
  wantsToSend(stream: Http2Stream): void;
  reset(stream: Http2Stream, code: number): void;
}

/** What is still to be sent on a stream, in this order; nothing of it is changed until the stream is closed. */
export interface Outgoing {
  /** A block of headers that was not sent yet. */
  headers: Buffer | undefined;
  readonly body: readonly Buffer[];
  /** The next byte of the body: the part it is in, and its place there. */
  part: number;
  at: number;
  left: number;
  /** A block of headers that ends the stream; without it the body does. */
  readonly trailers: Buffer | undefined;
}

/** A stream of a connection. Whoever has got it answers, or resets it; it ends with its connection. */
export class Http2Stream {
  readonly #connection: StreamConnection;
  /** 0 until it is opened. */
  id: number;
  /** Its owner sets it before anything is received. */
  handler: StreamHandler;
  /** What the peer lets this side send; below 0 if it has changed its mind. */
  window: number;
  /** What was received and not told to the peer yet. */
  unacknowledged = 0;
  outgoing: Outgoing | undefined;
  /** Whether the connection has it in its list of those that send. */
  isQueued = false;
  hasHeaders = false;
  isRemoteEnded = false;
  isLocalEnded = false;
  isClosed = false;

  /** Streams are made by their connection. */
  constructor(connection: StreamConnection, id: number, window: number, handler: StreamHandler) {
    this.#connection = connection;
    this.id = id;
    this.window = window;
    this.handler = handler;
  }

  /** Sends all that this side says: a block of headers, and a body and further headers if there are any. */
  send(headers: Buffer, body: readonly Buffer[] = [], trailers?: Buffer): void {
    if (this.isClosed || this.outgoing !== undefined) return;
    const left = body.reduce((sum, part) => sum + part.length, 0);
    this.outgoing = { headers, body, part: 0, at: 0, left, trailers };
    this.#connection.wantsToSend(this);
  }

  /** Ends it at once, in both directions. */
  reset(code: number): void {
    if (!this.isClosed) this.#connection.reset(this, code);
  }
}
