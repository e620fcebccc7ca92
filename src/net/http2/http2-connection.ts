import type { Duplex } from 'node:stream';
import type { Milliseconds } from '../../base/duration.ts';
import { readShared } from '../shared-read.ts';
import { defaultWindow, Http2Error, http2Codes, preface, settingIds } from './codes.ts';
import type { Http2Headers } from './header-decoder.ts';
import { Http2Stream, type StreamConnection, type StreamEnd, type StreamHandler } from './http2-stream.ts';
import { IncomingFrames, type FrameEvents, type Http2Limits } from './incoming-frames.ts';
import { Outbox } from './outbox.ts';
import { PeerSettings } from './peer-settings.ts';
import { SendQueue } from './send-queue.ts';
import { StreamTable } from './stream-table.ts';

/** Is told what becomes of a connection. */
export interface Http2Owner {
  /** The peer has opened a stream, and is answered there. Only servers are told. */
  opened(stream: Http2Stream, headers: Http2Headers): StreamHandler;
  /** The peer has said what it lets this side do. */
  ready(): void;
  /** The peer has asked for a sign of life, and got it. */
  pinged(): void;
  /** The peer takes no more streams. */
  goingAway(code: number): void;
  /** Called once, when nothing is read any more; with what was wrong, if anything was. */
  closed(error: Error | undefined): void;
}

/** A peer must take the last of what it is sent in this time. */
const farewellTime: Milliseconds = 5000;

/**
 * One side of a connection of HTTP/2, RFC 9113, that asks, or answers, with whole messages. It copies what it sends, and reads
 * into memory that all connections share, so that a message costs no memory beside its own. It ends itself when the peer breaks
 * the rules.
 */
export class Http2Connection implements StreamConnection {
  /** What was read. */
  bytesRead = 0;
  readonly #socket: Duplex;
  readonly #limits: Http2Limits;
  readonly #owner: Http2Owner;
  readonly #isServer: boolean;
  readonly #streams: StreamTable;
  readonly #peer = new PeerSettings();
  readonly #outbox: Outbox;
  readonly #queue: SendQueue;
  readonly #frames: IncomingFrames;
  /** Who waits for answers to pings. */
  readonly #pings: (() => void)[] = [];
  /** No more streams are opened; the connection ends with the last. */
  #isLeaving = false;
  /** Nothing is read or sent any more. */
  #isOver = false;
  #isReading = false;
  #isFlushDue = false;
  #error: Error | undefined;

  /** The socket belongs to the connection from now on. */
  constructor(socket: Duplex, role: 'server' | 'client', limits: Http2Limits, owner: Http2Owner) {
    this.#limits = limits;
    this.#owner = owner;
    this.#isServer = role === 'server';
    this.#streams = new StreamTable(this.#isServer);
    this.#socket = readShared(socket, (bytes, size) => this.#read(bytes, size));
    const outbox = new Outbox(this.#socket, () => this.#flush());
    const queue = new SendQueue(outbox, this.#peer, (stream) => this.#localEnded(stream));
    const around = { isServer: this.#isServer, limits, streams: this.#streams, peer: this.#peer, queue, outbox };
    this.#outbox = outbox;
    this.#queue = queue;
    this.#frames = new IncomingFrames(around, this.#events());
    this.#begin();
    this.#socket.on('end', () => this.destroy());
    this.#socket.on('error', (error) => (this.#error ??= error));
    this.#socket.on('close', () => this.#closed());
  }

  /** Whether streams can be opened. */
  get isOpen(): boolean {
    return !this.#isLeaving;
  }

  /** Whether any stream is open, or waits for that. */
  get isBusy(): boolean {
    return this.#streams.size > 0;
  }

  /** Opens a stream and sends all that this side says on it; the parts of the body are not changed before it is closed. */
  request(headers: Buffer, body: readonly Buffer[], handler: StreamHandler): Http2Stream {
    const stream = new Http2Stream(this, 0, this.#peer.streamWindow, handler);
    stream.send(headers, body);
    return stream;
  }

  /** Asks for a sign of life; false if nobody can be asked any more. */
  ping(answered: () => void): boolean {
    if (this.#isOver) return false;
    this.#pings.push(answered);
    this.#outbox.ping(Buffer.alloc(8), false);
    this.#flushSoon();
    return true;
  }

  /** Tells the peer that no streams after one are taken. */
  goaway(code: number, lastStream = this.#streams.lastOfPeer, text = ''): void {
    if (this.#isOver) return;
    this.#outbox.goaway(lastStream, code, text);
    this.#flushSoon();
  }

  /** Takes and opens no more streams, and ends when the last of them has. */
  close(): void {
    if (this.#isLeaving) return;
    this.goaway(http2Codes.noError);
    this.#leave();
  }

  /** Ends at once, also when it is ending already. Streams that are there end with the error. */
  destroy(code: number = http2Codes.noError, error?: Error): void {
    this.#error ??= error;
    if (!this.#isOver) {
      this.goaway(code, undefined, error?.message);
      this.#end();
      this.#closeStreams();
    }
    if (code === http2Codes.noError) this.#socket.destroy();
  }

  // What streams ask for.

  wantsToSend(stream: Http2Stream): void {
    const isNew = stream.id === 0;
    if (this.#isOver || (isNew && this.#isLeaving)) {
      this.#close(stream, { code: http2Codes.refusedStream, isUnprocessed: true, error: this.#error });
      return;
    }
    if (isNew) this.#streams.wait(stream);
    else this.#queue.add(stream);
    this.#flushSoon();
  }

  reset(stream: Http2Stream, code: number): void {
    if (!this.#isOver && !this.#isUnknown(stream)) {
      this.#outbox.reset(stream.id, code);
      this.#flushSoon();
    }
    this.#close(stream, { code, isUnprocessed: false, error: undefined });
  }

  // What the peer says.

  #read(bytes: Buffer, size: number): void {
    if (this.#isOver) return;
    this.bytesRead += size;
    this.#isReading = true;
    try {
      this.#frames.read(bytes, size);
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.destroy(error.code, error);
    } finally {
      this.#isReading = false;
    }
    this.#flush();
  }

  #events(): FrameEvents {
    const isOver = (): boolean => this.#isOver;
    return {
      get isOver() {
        return isOver();
      },
      ready: () => this.#owner.ready(),
      accept: (id) => this.#accept(id),
      opened: (stream, headers) => this.#opened(stream, headers),
      remoteEnded: (stream) => this.#remoteEnded(stream),
      close: (stream, end) => this.#close(stream, end),
      pinged: (isAnswer) => (isAnswer ? this.#pings.shift()?.() : this.#owner.pinged()),
      goingAway: (last, code) => this.#goingAway(last, code),
    };
  }

  #accept(id: number): Http2Stream {
    const stream = new Http2Stream(this, id, this.#peer.streamWindow, nobody);
    this.#streams.accept(stream);
    return stream;
  }

  #opened(stream: Http2Stream, headers: Http2Headers): void {
    const hasRoom = !this.#isLeaving && this.#streams.size <= this.#limits.maxStreams;
    if (hasRoom) stream.handler = this.#owner.opened(stream, headers);
    else stream.reset(http2Codes.refusedStream);
  }

  #goingAway(last: number, code: number): void {
    this.#isLeaving = true;
    const end = { code: http2Codes.refusedStream, isUnprocessed: true, error: undefined };
    for (const stream of this.#isServer ? [] : this.#streams.all())
      if (stream.id === 0 || stream.id > last) this.#close(stream, end);
    this.#owner.goingAway(code);
    this.#leave();
  }

  // The ends of streams.

  #remoteEnded(stream: Http2Stream): void {
    stream.isRemoteEnded = true;
    stream.handler.ended();
    this.#closeIfDone(stream);
  }

  #localEnded(stream: Http2Stream): void {
    stream.isLocalEnded = true;
    // A client that is answered before it has said all need not go on.
    if (this.#isServer && !stream.isRemoteEnded) stream.reset(http2Codes.noError);
    else this.#closeIfDone(stream);
  }

  #closeIfDone(stream: Http2Stream): void {
    if (stream.isRemoteEnded && stream.isLocalEnded)
      this.#close(stream, { code: http2Codes.noError, isUnprocessed: false, error: undefined });
  }

  #close(stream: Http2Stream, end: StreamEnd): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    stream.outgoing = undefined;
    this.#streams.remove(stream);
    stream.handler.closed(end);
    if (this.#isLeaving) this.#leave();
    else if (this.#streams.hasWaiting) this.#flushSoon();
  }

  #closeStreams(): void {
    const error = this.#error ?? new Error('the connection was closed');
    for (const stream of this.#streams.all()) {
      const isUnprocessed = this.#isUnknown(stream);
      this.#close(stream, { code: isUnprocessed ? http2Codes.refusedStream : http2Codes.cancel, isUnprocessed, error });
    }
  }

  /** Whether the peer has not heard of a stream yet. */
  #isUnknown({ outgoing }: Http2Stream): boolean {
    return !this.#isServer && outgoing?.headers !== undefined;
  }

  // The beginning and the end of the connection.

  #begin(): void {
    const { streamWindow, connectionWindow, maxStreams, maxHeaderBytes } = this.#limits;
    if (!this.#isServer) this.#outbox.bytes(preface);
    this.#outbox.settings([
      [settingIds.initialWindowSize, streamWindow],
      [settingIds.maxHeaderListSize, maxHeaderBytes],
      this.#isServer ? [settingIds.maxConcurrentStreams, maxStreams] : [settingIds.enablePush, 0],
    ]);
    this.#outbox.windowUpdate(0, connectionWindow - defaultWindow);
    this.#flushSoon();
  }

  /** Ends the connection when nobody needs it any more. */
  #leave(): void {
    this.#isLeaving = true;
    if (!this.isBusy && !this.#isOver) this.#end();
  }

  /** Sends what there is, and nothing after it. */
  #end(): void {
    this.#outbox.flush();
    this.#isLeaving = true;
    this.#isOver = true;
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), farewellTime).unref();
    socket.on('close', () => clearTimeout(timer));
    socket.end(() => socket.destroy());
  }

  #closed(): void {
    this.#isLeaving = true;
    this.#isOver = true;
    this.#closeStreams();
    this.#owner.closed(this.#error);
  }

  // Sending.

  /** Sends what there is at the end of the turn, together with what else comes up in it. */
  #flushSoon(): void {
    if (this.#isFlushDue || this.#isReading) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isOver) return;
    for (const stream of this.#streams.openWaiting(this.#peer.maxStreams)) this.#queue.add(stream);
    this.#queue.run();
    this.#outbox.flush();
    if (this.#outbox.isOverfull) this.destroy(http2Codes.noError, new Error('the peer does not read what it asks for'));
  }
}

/** For a stream until somebody has taken it. */
const nobody: StreamHandler = {
  headers: () => undefined,
  data: () => undefined,
  ended: () => undefined,
  closed: () => undefined,
};
