import { protocolError } from './codes.ts';
import type { Http2Stream } from './http2-stream.ts';

/** The streams of a connection that are open, or wait until the server takes more. */
export class StreamTable {
  readonly #isServer: boolean;
  readonly #open = new Map<number, Http2Stream>();
  #waiting: Http2Stream[] = [];
  /** The last numbers that this side has used, and the peer. */
  #lastOwn: number;
  #lastOfPeer = 0;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
    this.#lastOwn = isServer ? 0 : -1;
  }

  get size(): number {
    return this.#open.size + this.#waiting.length;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get lastOfPeer(): number {
    return this.#lastOfPeer;
  }

  /** All that are open, or wait. */
  all(): readonly Http2Stream[] {
    return [...this.#open.values(), ...this.#waiting];
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  /** Whether no stream had this number yet, or none can. */
  isIdle(id: number): boolean {
    if (id === 0) return true;
    const isOfPeer = (id % 2 === 1) === this.#isServer;
    return id > (isOfPeer ? this.#lastOfPeer : this.#lastOwn);
  }

  /** Takes a stream that the peer opens. Throws an Http2Error if it may not. */
  accept(stream: Http2Stream): void {
    const { id } = stream;
    if (!this.#isServer || id % 2 === 0) throw protocolError('a stream has the wrong number');
    this.#lastOfPeer = id;
    this.#open.set(id, stream);
  }

  /** Takes a stream of this side, which has no number yet. */
  wait(stream: Http2Stream): void {
    this.#waiting.push(stream);
  }

  /** Opens streams that wait, up to a number of open ones. */
  openWaiting(most: number): readonly Http2Stream[] {
    const opened = this.#waiting.slice(0, Math.max(0, most - this.#open.size));
    if (opened.length === 0) return opened;
    this.#waiting = this.#waiting.slice(opened.length);
    for (const stream of opened) {
      this.#lastOwn += 2;
      stream.id = this.#lastOwn;
      this.#open.set(stream.id, stream);
    }
    return opened;
  }

  remove(stream: Http2Stream): void {
    if (stream.id === 0) this.#waiting = this.#waiting.filter((each) => each !== stream);
    else this.#open.delete(stream.id);
  }
}
