import { defaultFrameSize, defaultWindow, frameFlags, frameTypes } from './codes.ts';
import type { Http2Stream, Outgoing } from './http2-stream.ts';
import type { Outbox } from './outbox.ts';
import type { PeerSettings } from './peer-settings.ts';

/** The most that is written in one frame, also where the peer takes more. */
const largestFrame = 64 * 1024;

/** Sends what streams have, as far as the peer lets them, RFC 9113, section 5.2. */
export class SendQueue {
  readonly #outbox: Outbox;
  readonly #peer: PeerSettings;
  readonly #sent: (stream: Http2Stream) => void;
  /** Streams that have something to send and may, in the order in which they came. */
  #streams: Http2Stream[] = [];
  /** What the peer lets all streams send together. */
  window = defaultWindow;

  /** `sent` is called when all of a stream was sent. */
  constructor(outbox: Outbox, peer: PeerSettings, sent: (stream: Http2Stream) => void) {
    this.#outbox = outbox;
    this.#peer = peer;
    this.#sent = sent;
  }

  /** Takes a stream that has something to send, or may send more. */
  add(stream: Http2Stream): void {
    if (stream.isQueued || stream.outgoing === undefined) return;
    stream.isQueued = true;
    this.#streams.push(stream);
  }

  /** Sends one stream after the other, so that the first is complete soonest. */
  run(): void {
    let done = 0;
    for (; done < this.#streams.length && this.#outbox.hasRoom; done++) {
      const stream = this.#streams[done] as Http2Stream;
      const { outgoing } = stream;
      if (outgoing !== undefined && !this.#send(stream, outgoing)) break;
      stream.isQueued = false;
    }
    if (done > 0) this.#streams = this.#streams.slice(done);
  }

  /** False if the stream could go on but for the connection. */
  #send(stream: Http2Stream, outgoing: Outgoing): boolean {
    const { headers, trailers } = outgoing;
    if (headers !== undefined) {
      outgoing.headers = undefined;
      this.#sendHeaders(stream.id, headers, outgoing.left === 0 && trailers === undefined);
    }
    while (outgoing.left > 0) {
      if (stream.window <= 0) return true;
      if (this.window <= 0 || !this.#outbox.hasRoom) return false;
      const size = Math.min(outgoing.left, stream.window, this.window, this.#peer.frameSize, largestFrame);
      const isEnd = size === outgoing.left && trailers === undefined;
      this.#outbox.head(frameTypes.data, isEnd ? frameFlags.endStream : 0, stream.id, size);
      this.#sendBody(outgoing, size);
      stream.window -= size;
      this.window -= size;
    }
    if (trailers !== undefined) this.#sendHeaders(stream.id, trailers, true);
    stream.outgoing = undefined;
    this.#sent(stream);
    return true;
  }

  #sendBody(outgoing: Outgoing, size: number): void {
    outgoing.left -= size;
    for (let left = size; left > 0;) {
      const part = outgoing.body[outgoing.part] as Buffer;
      const taken = Math.min(left, part.length - outgoing.at);
      this.#outbox.bytes(part, outgoing.at, outgoing.at + taken);
      outgoing.at += taken;
      left -= taken;
      if (outgoing.at < part.length) continue;
      outgoing.part++;
      outgoing.at = 0;
    }
  }

  #sendHeaders(id: number, block: Buffer, isEnd: boolean): void {
    for (let at = 0; at < block.length; at += defaultFrameSize) {
      const end = Math.min(block.length, at + defaultFrameSize);
      const type = at === 0 ? frameTypes.headers : frameTypes.continuation;
      const endStream = at === 0 && isEnd ? frameFlags.endStream : 0;
      const endHeaders = end === block.length ? frameFlags.endHeaders : 0;
      this.#outbox.head(type, endStream | endHeaders, id, end - at);
      this.#outbox.bytes(block, at, end);
    }
  }
}
