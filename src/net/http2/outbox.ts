import type { Duplex } from 'node:stream';
import { ReusedMemory } from '../../base/reused-memory.ts';
import { frameFlags, frameHeadSize, frameTypes } from './codes.ts';

/** So much is put together before it is written. */
const pieceSize = 128 * 1024;
/** Less than this is copied to memory of its size, and the piece used again at once. */
const smallPiece = 4 * 1024;
/** No data is added while so much waits for the peer. */
const enoughWaiting = 2 * pieceSize;
/** A peer that reads nothing, and makes this side answer all the time, is given up beyond this. */
const maxWaiting = 4 * 1024 * 1024;

/** Pieces of all connections. */
const pieces = new ReusedMemory(8 * 1024 * 1024);

/** What a connection sends, put together in memory that is used again when it was sent. */
export class Outbox {
  readonly #socket: Duplex;
  readonly #sent: () => void;
  #piece: Buffer | undefined;
  #size = 0;
  #waiting = 0;

  /** `sent` is called each time when something was sent. */
  constructor(socket: Duplex, sent: () => void) {
    this.#socket = socket;
    this.#sent = sent;
  }

  /** Whether data should be added. Frames that manage the connection always may. */
  get hasRoom(): boolean {
    return this.#waiting + this.#size < enoughWaiting;
  }

  get isOverfull(): boolean {
    return this.#waiting > maxWaiting;
  }

  /** Adds the head of a frame whose content is added next. */
  head(type: number, flags: number, stream: number, length: number): void {
    const piece = this.#reserve(frameHeadSize);
    const at = this.#size;
    piece.writeUIntBE(length, at, 3);
    piece[at + 3] = type;
    piece[at + 4] = flags;
    piece.writeUInt32BE(stream, at + 5);
    this.#size += frameHeadSize;
  }

  settings(settings: readonly (readonly [id: number, value: number])[]): void {
    this.head(frameTypes.settings, 0, 0, 6 * settings.length);
    for (const [id, value] of settings) {
      this.#reserve(2).writeUInt16BE(id, this.#size);
      this.#size += 2;
      this.#number(value);
    }
  }

  settingsTaken(): void {
    this.head(frameTypes.settings, frameFlags.ack, 0, 0);
  }

  /** Lets the peer send more, on a stream or, as that of number 0, on all of them. */
  windowUpdate(stream: number, size: number): void {
    this.head(frameTypes.windowUpdate, 0, stream, 4);
    this.#number(size);
  }

  reset(stream: number, code: number): void {
    this.head(frameTypes.rstStream, 0, stream, 4);
    this.#number(code);
  }

  /** The answer has the bytes of the ping. */
  ping(bytes: Buffer, isAnswer: boolean): void {
    this.head(frameTypes.ping, isAnswer ? frameFlags.ack : 0, 0, bytes.length);
    this.bytes(bytes);
  }

  goaway(lastStream: number, code: number, text: string): void {
    this.head(frameTypes.goaway, 0, 0, 8 + text.length);
    this.#number(lastStream);
    this.#number(code);
    this.bytes(Buffer.from(text, 'latin1'));
  }

  /** Copies a range. */
  bytes(bytes: Buffer, start = 0, end = bytes.length): void {
    for (let at = start; at < end;) {
      const piece = this.#reserve(1);
      const copied = bytes.copy(piece, this.#size, at, Math.min(end, at + piece.length - this.#size));
      this.#size += copied;
      at += copied;
    }
  }

  /** Writes what was added. */
  flush(): void {
    const piece = this.#piece;
    const size = this.#size;
    if (piece === undefined || size === 0) return;
    this.#piece = undefined;
    this.#size = 0;
    this.#waiting += size;
    const isSmall = size < smallPiece;
    const written = piece.subarray(0, size);
    this.#socket.write(isSmall ? Buffer.from(written) : written, (error) => {
      this.#waiting -= size;
      if (!isSmall) pieces.give(piece);
      // `close` tells what there is to tell.
      if (error === undefined || error === null) this.#sent();
    });
    if (isSmall) pieces.give(piece);
  }

  #number(value: number): void {
    this.#reserve(4).writeUInt32BE(value, this.#size);
    this.#size += 4;
  }

  #reserve(size: number): Buffer {
    if (this.#size + size > pieceSize) this.flush();
    this.#piece ??= pieces.take(pieceSize);
    return this.#piece;
  }
}
