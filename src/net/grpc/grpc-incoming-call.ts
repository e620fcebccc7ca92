import type { ByteBudget, Reservation } from '../../base/byte-budget.ts';
import type { Milliseconds } from '../../base/duration.ts';
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { receivedMemory } from '../../base/reused-memory.ts';
import { DeliveryError } from '../../flow/delivery.ts';
import { decompress, type ContentCoding } from '../compression.ts';
import { MessageReader, messageHead, type MessageProblem } from './grpc-framing.ts';
import { encodeGrpcMessage, parseGrpcTimeout } from './grpc-headers.ts';
import type { GrpcCall, GrpcMethod, GrpcRefusal, GrpcServerLimits, GrpcServerObserver } from './grpc-service.ts';
import { encodeStatus, GrpcError, grpcCodes, type GrpcCode } from './grpc-status.ts';
import type { HttpHeaders } from '../http-message.ts';
import { http2Codes } from '../http2/codes.ts';
import { encodeHeaderBlock } from '../http2/header-block.ts';
import { fieldOf, type Http2Headers } from '../http2/header-decoder.ts';
import type { Http2Stream, StreamHandler } from '../http2/http2-stream.ts';

/** What the calls of a server share. */
export interface GrpcSurroundings {
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  readonly observer: GrpcServerObserver;
  readonly log: Log;
  /** What the messages of all calls may take together. */
  readonly memory: ByteBudget;
  limits: GrpcServerLimits;
}

/** How messages may be compressed, by the names that gRPC has for it. */
const encodings: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['zstd', 'zstd'],
  ['snappy', 'snappy'],
  ['deflate', 'deflate'],
]);
const acceptedEncodings = ['identity', ...encodings.keys()].join(',');

/** How long clients are asked to wait when there is no memory for their messages. */
const memoryDelay: Milliseconds = 1000;

const contentType = 'application/grpc';

/** Clients allow headers a few kilobytes. */
const maxMessageText = 1024;

const answerHeaders = encodeHeaderBlock({ ':status': '200', 'content-type': contentType });
const answerTrailers = encodeHeaderBlock({ 'grpc-status': '0' });

/** One call of a client, from its headers to its answer. */
export class IncomingCall implements StreamHandler {
  readonly #stream: Http2Stream;
  readonly #headers: Http2Headers;
  readonly #peer: string | undefined;
  readonly #surroundings: GrpcSurroundings;
  readonly #ended: (call: IncomingCall) => void;
  readonly #method: GrpcMethod | undefined;
  readonly #start = performance.now();
  readonly #abort = new AbortController();
  readonly #memory: Reservation;
  readonly #reader: MessageReader;
  #coding: ContentCoding | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isReceiving = true;
  #isAnswered = false;
  #answeredAt = Infinity;
  #isHandling = false;
  #requestBytes: number | undefined;

  /** `ended` is called once, when the stream is closed. */
  constructor(
    stream: Http2Stream,
    headers: Http2Headers,
    peer: string | undefined,
    surroundings: GrpcSurroundings,
    ended: (call: IncomingCall) => void,
  ) {
    this.#stream = stream;
    this.#headers = headers;
    this.#peer = peer;
    this.#surroundings = surroundings;
    this.#ended = ended;
    this.#method = surroundings.methods.get(fieldOf(headers, ':path') ?? '');
    this.#memory = surroundings.memory.open();
    this.#reader = new MessageReader(surroundings.limits.maxMessageBytes, this.#memory);
    surroundings.observer.callStarted(this.#label);
    this.#begin();
  }

  /** Gives up on clients that are too slow to send their message, or to read the answer. */
  check(now: number): void {
    const { receiveTimeout } = this.#surroundings.limits;
    if (now - this.#answeredAt >= receiveTimeout) this.#stream.reset(http2Codes.cancel);
    if (!this.#isReceiving || now - this.#start < receiveTimeout) return;
    this.#refuse('timeout', new GrpcError(grpcCodes.deadlineExceeded, 'the message did not come in time'));
  }

  get #label(): string {
    return this.#method?.path ?? 'other';
  }

  #begin(): void {
    const headers = this.#headers;
    if (fieldOf(headers, ':method') !== 'POST') {
      this.#refuseHttp(405, { allow: 'POST' });
      return;
    }
    if (!isGrpc(fieldOf(headers, 'content-type'))) {
      this.#refuseHttp(415, {});
      return;
    }
    if (this.#method === undefined) {
      this.#fail(new GrpcError(grpcCodes.unimplemented, `unknown method ${fieldOf(headers, ':path') ?? ''}`));
      return;
    }
    const encoding = fieldOf(headers, 'grpc-encoding') ?? 'identity';
    this.#coding = encodings.get(encoding);
    if (this.#coding === undefined && encoding !== 'identity') {
      const error = new GrpcError(grpcCodes.unimplemented, `unknown compression ${JSON.stringify(encoding)}`);
      this.#refuse('compression', error, { 'grpc-accept-encoding': acceptedEncodings });
      return;
    }
    const timeout = parseGrpcTimeout(fieldOf(headers, 'grpc-timeout') ?? '');
    if (timeout !== undefined) this.#deadline = setTimeout(() => this.#exceeded(), timeout);
  }

  /** What a client says behind its message does not matter. */
  headers(): void {}

  data(bytes: Buffer, start: number, end: number): void {
    if (!this.#isReceiving) return;
    const problem = this.#reader.push(bytes, start, end);
    if (problem !== undefined) this.#refuse(...this.#refusalFor(problem));
  }

  ended(): void {
    if (!this.#isReceiving) return;
    const { message } = this.#reader;
    if (message !== undefined) {
      this.#isReceiving = false;
      void this.#handle(message);
    } else if (this.#reader.isEmpty)
      this.#refuse('malformed', new GrpcError(grpcCodes.unimplemented, 'there is no message'));
    else this.#refuse('malformed', new GrpcError(grpcCodes.internal, 'the message is cut off'));
  }

  #refusalFor(problem: MessageProblem): [GrpcRefusal, GrpcError] {
    const { maxMessageBytes } = this.#surroundings.limits;
    switch (problem) {
      case 'too large':
        return ['too_large', tooLarge(`${this.#reader.length} bytes`, maxMessageBytes)];
      case 'no memory':
        return ['memory', noMemory()];
      case 'second':
        return ['malformed', new GrpcError(grpcCodes.unimplemented, 'there is more than one message')];
      default:
        return ['malformed', new GrpcError(grpcCodes.internal, 'the head of the message is malformed')];
    }
  }

  async #handle(received: Buffer): Promise<void> {
    this.#isHandling = true;
    try {
      let message: Buffer | undefined = received;
      if (this.#reader.isCompressed) message = await this.#decompressed(received);
      if (message === undefined || this.#abort.signal.aborted) return;
      this.#requestBytes = message.length;
      const call: GrpcCall = { message, headers: this.#headers, peer: this.#peer, signal: this.#abort.signal };
      // There is a method, or nothing would have been received.
      const answer = await this.#method?.handle(call);
      if (answer !== undefined) this.#answer(answer);
    } catch (thrown) {
      const isKnown = thrown instanceof GrpcError || thrown instanceof DeliveryError;
      if (!isKnown && !this.#abort.signal.aborted)
        this.#surroundings.log.error('cannot answer a call', { path: this.#label, error: messageOf(thrown) });
      this.#fail(isKnown ? GrpcError.from(thrown) : new GrpcError(grpcCodes.internal, 'internal error'));
    } finally {
      this.#memory.release();
    }
  }

  /** What is in a compressed message; undefined if it was refused. */
  async #decompressed(received: Buffer): Promise<Buffer | undefined> {
    if (this.#coding === undefined) {
      this.#refuse('malformed', new GrpcError(grpcCodes.internal, 'a message is compressed without grpc-encoding'));
      return undefined;
    }
    const { maxMessageBytes } = this.#surroundings.limits;
    const result = decompress(this.#coding, received, maxMessageBytes);
    const message = result instanceof Promise ? await result : result;
    receivedMemory.give(received);
    if (message instanceof TooLargeError)
      this.#refuse('too_large', tooLarge(`more than ${maxMessageBytes} bytes`, maxMessageBytes));
    else if (message instanceof ParseError)
      this.#refuse('compression', new GrpcError(grpcCodes.internal, message.message));
    else if (!this.#memory.take(message.length)) this.#refuse('memory', noMemory());
    else {
      this.#memory.giveBack(received.length);
      return message;
    }
    return undefined;
  }

  #answer(message: Buffer): void {
    if (!this.#settle(grpcCodes.ok, message.length)) return;
    this.#stream.send(answerHeaders, [messageHead(message.length, false), message], answerTrailers);
  }

  #refuse(refusal: GrpcRefusal, error: GrpcError, headers: HttpHeaders = {}): void {
    this.#fail(error, headers, refusal);
  }

  #fail(error: GrpcError, headers: HttpHeaders = {}, refusal?: GrpcRefusal): void {
    if (!this.#settle(error.code, 0, refusal)) return;
    const { code, retryDelay } = error;
    const message = error.message.slice(0, maxMessageText);
    const details =
      retryDelay === undefined
        ? {}
        : { 'grpc-status-details-bin': encodeStatus({ code, message, retryDelay }).toString('base64') };
    this.#end({
      ...headers,
      ':status': '200',
      'content-type': contentType,
      'grpc-status': String(code),
      'grpc-message': encodeGrpcMessage(message),
      ...details,
    });
  }

  #refuseHttp(status: number, headers: HttpHeaders): void {
    if (this.#settle(grpcCodes.internal, 0, 'malformed')) this.#end({ ...headers, ':status': String(status) });
  }

  /** Answers with headers only. */
  #end(headers: HttpHeaders): void {
    this.#isReceiving = false;
    this.#stream.send(encodeHeaderBlock(headers));
  }

  #exceeded(): void {
    const error = new GrpcError(grpcCodes.deadlineExceeded, 'the call took longer than its client waits');
    this.#fail(error);
    this.#abort.abort(error);
  }

  closed(): void {
    if (!this.#isAnswered) {
      this.#settle(grpcCodes.cancelled, 0);
      this.#abort.abort(new GrpcError(grpcCodes.cancelled, 'the client does not wait any more'));
    }
    this.#isReceiving = false;
    if (!this.#isHandling) this.#memory.release();
    this.#ended(this);
  }

  /** Notes what the answer is; false if there was one already, or nobody is there to get it. */
  #settle(code: GrpcCode, responseBytes: number, refusal?: GrpcRefusal): boolean {
    if (this.#isAnswered) return false;
    const now = performance.now();
    this.#isAnswered = true;
    this.#answeredAt = now;
    clearTimeout(this.#deadline);
    const isGone = this.#stream.isClosed;
    this.#surroundings.observer.callEnded(this.#label, {
      code: isGone ? grpcCodes.cancelled : code,
      seconds: (now - this.#start) / 1000,
      requestBytes: this.#requestBytes ?? this.#reader.length,
      responseBytes: isGone ? 0 : responseBytes,
      refusal,
    });
    return !isGone;
  }
}

function isGrpc(type: string | undefined): boolean {
  return /^application\/grpc(?:$|[+;])/.test(type ?? '');
}

function tooLarge(size: string, maxBytes: number): GrpcError {
  return new GrpcError(
    grpcCodes.resourceExhausted,
    `a message of ${size} is larger than the limit of ${maxBytes} bytes`,
  );
}

function noMemory(): GrpcError {
  const message = 'the messages of other calls take all the memory there is for them';
  return new GrpcError(grpcCodes.unavailable, message, { retryDelay: memoryDelay });
}
