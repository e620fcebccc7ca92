import { Allowance } from './allowance.ts';
import {
  flowControlError,
  frameFlags,
  frameSizeError,
  frameTypes,
  Http2Error,
  http2Codes,
  largestWindow,
  preface,
  protocolError,
} from './codes.ts';
import { checkPing, readGoaway, readReset, readWindowUpdate } from './frame-contents.ts';
import { FrameReader, type FrameHandler, type FrameHead } from './frame-reader.ts';
import { HeaderBlocks, type HeaderBlock } from './header-blocks.ts';
import { fieldOf, type Http2Headers } from './header-decoder.ts';
import type { Http2Stream, StreamEnd } from './http2-stream.ts';
import type { Outbox } from './outbox.ts';
import type { PeerSettings } from './peer-settings.ts';
import type { SendQueue } from './send-queue.ts';
import type { StreamTable } from './stream-table.ts';

/** What this side lets the peer do. */
export interface Http2Limits {
  /** What may be on its way to this side, in a stream and in all of the connection; more than two frames. */
  readonly streamWindow: number;
  readonly connectionWindow: number;
  /** How many streams the peer may have open. */
  readonly maxStreams: number;
  /** Of the headers of a stream, as HPACK counts them. */
  readonly maxHeaderBytes: number;
}

/** What the frames change; all of it belongs to the connection. */
export interface FrameSurroundings {
  readonly isServer: boolean;
  readonly limits: Http2Limits;
  readonly streams: StreamTable;
  readonly peer: PeerSettings;
  readonly queue: SendQueue;
  readonly outbox: Outbox;
}

/** What becomes of the connection by what the peer says. */
export interface FrameEvents {
  /** Whether nothing more is to be read. */
  readonly isOver: boolean;
  /** The first settings have come. */
  ready(): void;
  /** The client wants to open a stream with some number. */
  accept(id: number): Http2Stream;
  /** Its headers have come. */
  opened(stream: Http2Stream, headers: Http2Headers): void;
  remoteEnded(stream: Http2Stream): void;
  close(stream: Http2Stream, end: StreamEnd): void;
  /** A ping has come, or the answer to one. */
  pinged(isAnswer: boolean): void;
  /** The peer takes no streams after the last. */
  goingAway(last: number, code: number): void;
}

/** Clients may reset streams, and break their rules, so often at once, and so often a second in the long run. */
const resetBurst = 1000;
const resetRate = 33;

/** Does what the frames of a peer say, RFC 9113, sections 5 and 6. */
export class IncomingFrames implements FrameHandler {
  readonly #around: FrameSurroundings;
  readonly #events: FrameEvents;
  readonly #reader = new FrameReader(this);
  readonly #blocks: HeaderBlocks;
  readonly #resets = new Allowance(resetBurst, resetRate);
  #prefaceLeft: number;
  #isReady = false;
  /** What was received, and not told to the peer. */
  #unacknowledged = 0;
  /** The stream whose data comes, if anybody wants it. */
  #receiving: Http2Stream | undefined;

  constructor(around: FrameSurroundings, events: FrameEvents) {
    this.#around = around;
    this.#events = events;
    this.#blocks = new HeaderBlocks(around.limits.maxHeaderBytes);
    this.#prefaceLeft = around.isServer ? preface.length : 0;
  }

  /** Takes the first bytes of some memory. Throws an Http2Error if the peer breaks the rules of the connection. */
  read(bytes: Buffer, size: number): void {
    this.#reader.read(bytes, this.#readPreface(bytes, size), size);
  }

  frameBegins({ type, stream: id, length }: FrameHead): void {
    if (this.#events.isOver) throw protocolError('frames come after the end');
    if (!this.#isReady && type !== frameTypes.settings)
      throw protocolError('the peer does not begin with its settings');
    const { openStream } = this.#blocks;
    if (openStream !== undefined && (type !== frameTypes.continuation || id !== openStream))
      throw protocolError('a block of headers is interrupted');
    if (type === frameTypes.data) this.#dataBegins(id, length);
  }

  data(bytes: Buffer, start: number, end: number): void {
    if (this.#receiving?.isClosed === false) this.#receiving.handler.data(bytes, start, end);
  }

  dataEnds({ flags }: FrameHead): void {
    const { limits, outbox } = this.#around;
    const stream = this.#receiving;
    this.#receiving = undefined;
    if (2 * this.#unacknowledged >= limits.connectionWindow) {
      outbox.windowUpdate(0, this.#unacknowledged);
      this.#unacknowledged = 0;
    }
    if (stream === undefined || stream.isClosed) return;
    if ((flags & frameFlags.endStream) !== 0) this.#events.remoteEnded(stream);
    else if (2 * stream.unacknowledged >= limits.streamWindow) {
      outbox.windowUpdate(stream.id, stream.unacknowledged);
      stream.unacknowledged = 0;
    }
  }

  frame(head: FrameHead, bytes: Buffer, start: number, end: number): void {
    switch (head.type) {
      case frameTypes.headers:
        this.#headers(this.#blocks.begin(head, bytes, start, end));
        break;
      case frameTypes.continuation:
        this.#headers(this.#blocks.goOn(head, bytes, start, end));
        break;
      case frameTypes.rstStream:
        this.#reset(head, bytes, start);
        break;
      case frameTypes.settings:
        this.#settings(head, bytes, start, end);
        break;
      case frameTypes.ping:
        this.#ping(head, bytes, start, end);
        break;
      case frameTypes.goaway: {
        const { last, code } = readGoaway(head, bytes, start);
        this.#events.goingAway(last, code);
        break;
      }
      case frameTypes.windowUpdate:
        this.#windowUpdate(head, bytes, start);
        break;
      case frameTypes.pushPromise:
        throw protocolError('nothing may be pushed');
      case frameTypes.priority:
        if (head.stream === 0) throw protocolError('a priority is of no stream');
        break;
      default:
      // What is unknown is left out.
    }
  }

  /** Where the frames begin. */
  #readPreface(bytes: Buffer, size: number): number {
    if (this.#prefaceLeft === 0) return 0;
    const at = preface.length - this.#prefaceLeft;
    const length = Math.min(this.#prefaceLeft, size);
    if (bytes.compare(preface, at, at + length, 0, length) !== 0)
      throw protocolError('the client does not speak HTTP/2');
    this.#prefaceLeft -= length;
    return length;
  }

  #dataBegins(id: number, length: number): void {
    const { streams } = this.#around;
    // There is room again before a window is used up, so that peers cannot send too much.
    this.#unacknowledged += length;
    if (streams.isIdle(id)) throw protocolError('data comes on a stream that is not open');
    const stream = streams.get(id);
    this.#receiving = stream;
    if (stream === undefined) return;
    stream.unacknowledged += length;
    if (stream.isRemoteEnded) this.#blame(stream, http2Codes.streamClosed);
  }

  #headers(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const { stream: id, isEnd, headers } = block;
    const { isServer, streams } = this.#around;
    const stream = streams.isIdle(id) ? this.#events.accept(id) : streams.get(id);
    if (stream === undefined) return;
    if (headers === 'malformed') this.#blame(stream, http2Codes.protocolError);
    else if (headers === 'too large') this.#blame(stream, http2Codes.enhanceYourCalm);
    else if (stream.isRemoteEnded) this.#blame(stream, http2Codes.streamClosed);
    else if (stream.hasHeaders && !isEnd) this.#blame(stream, http2Codes.protocolError);
    // What a client says of a status means nothing.
    else if (isServer || !isInterim(headers)) {
      const isFirst = !stream.hasHeaders;
      stream.hasHeaders = true;
      if (isServer && isFirst) this.#events.opened(stream, headers);
      else stream.handler.headers(headers);
    }
    if (isEnd && !stream.isClosed) this.#events.remoteEnded(stream);
  }

  #reset(head: FrameHead, bytes: Buffer, start: number): void {
    const { streams } = this.#around;
    const code = readReset(head, bytes, start);
    if (streams.isIdle(head.stream)) throw protocolError('a stream is reset that is not open');
    this.#countReset();
    const stream = streams.get(head.stream);
    const isUnprocessed = code === http2Codes.refusedStream;
    if (stream !== undefined) this.#events.close(stream, { code, isUnprocessed, error: undefined });
  }

  /** Resets a stream whose peer has broken the rules. */
  #blame(stream: Http2Stream, code: number): void {
    this.#countReset();
    stream.reset(code);
  }

  #countReset(): void {
    if (this.#around.isServer && !this.#resets.take())
      throw new Http2Error(http2Codes.enhanceYourCalm, 'too many streams are reset');
  }

  #settings({ flags, stream, length }: FrameHead, bytes: Buffer, start: number, end: number): void {
    const { outbox, peer } = this.#around;
    if (stream !== 0) throw protocolError('settings are of a stream');
    if ((flags & frameFlags.ack) !== 0) {
      if (length !== 0) throw frameSizeError('settings');
      if (!this.#isReady) throw protocolError('the peer does not begin with its settings');
      return;
    }
    const windowBefore = peer.streamWindow;
    peer.read(bytes, start, end);
    outbox.settingsTaken();
    this.#changeWindows(peer.streamWindow - windowBefore);
    if (this.#isReady) return;
    this.#isReady = true;
    this.#events.ready();
  }

  #changeWindows(change: number): void {
    if (change === 0) return;
    for (const stream of this.#around.streams.all()) {
      stream.window += change;
      if (stream.window > largestWindow) throw flowControlError();
      if (stream.id !== 0) this.#around.queue.add(stream);
    }
  }

  #ping(head: FrameHead, bytes: Buffer, start: number, end: number): void {
    checkPing(head);
    const isAnswer = (head.flags & frameFlags.ack) !== 0;
    if (!isAnswer) this.#around.outbox.ping(bytes.subarray(start, end), true);
    this.#events.pinged(isAnswer);
  }

  #windowUpdate(head: FrameHead, bytes: Buffer, start: number): void {
    const { queue, streams } = this.#around;
    const change = readWindowUpdate(head, bytes, start);
    if (head.stream === 0) {
      queue.window += change;
      if (change === 0) throw protocolError('a window does not change');
      if (queue.window > largestWindow) throw flowControlError();
      return;
    }
    if (streams.isIdle(head.stream)) throw protocolError('a window is of a stream that is not open');
    const stream = streams.get(head.stream);
    if (stream === undefined) return;
    stream.window += change;
    if (change === 0) this.#blame(stream, http2Codes.protocolError);
    else if (stream.window > largestWindow) this.#blame(stream, http2Codes.flowControlError);
    else queue.add(stream);
  }
}

/** Whether others follow before the answer. */
function isInterim(headers: Http2Headers): boolean {
  return fieldOf(headers, ':status')?.startsWith('1') === true;
}
