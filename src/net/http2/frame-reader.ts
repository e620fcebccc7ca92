import { defaultFrameSize, frameFlags, frameHeadSize, frameTypes, Http2Error, http2Codes } from './codes.ts';

export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly length: number;
}

/** Takes the frames that come. The bytes are valid during a call only. */
export interface FrameHandler {
  /** A frame begins; of data the content follows in pieces. */
  frameBegins(head: FrameHead): void;
  /** A piece of the data of a frame, without padding. */
  data(bytes: Buffer, start: number, end: number): void;
  dataEnds(head: FrameHead): void;
  /** Any other frame, with all of its content. */
  frame(head: FrameHead, bytes: Buffer, start: number, end: number): void;
}

/** Finds the frames in what a connection receives, RFC 9113, section 4. Data is passed on as it comes. */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #headBytes = Buffer.alloc(frameHeadSize);
  #headSize = 0;
  #head: FrameHead = { type: 0, flags: 0, stream: 0, length: 0 };
  /** What is still to come of the frame: content, and padding behind it. Padding is -1 while its length is not known. */
  #content = 0;
  #padding = 0;
  /** The content of a frame that comes in several pieces. */
  #kept: Buffer | undefined;
  #keptSize = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Takes the next bytes. Throws an Http2Error when they break the rules, and then there is nothing more to read. */
  read(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#headSize < frameHeadSize) {
        at = this.#readHead(bytes, at, end);
        if (this.#headSize < frameHeadSize) return;
        this.#begin();
        if (this.#content > 0 || this.#padding !== 0) continue;
      }
      at = this.#head.type === frameTypes.data ? this.#readData(bytes, at, end) : this.#readOther(bytes, at, end);
    }
  }

  #readHead(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#headSize < frameHeadSize) this.#headBytes[this.#headSize++] = bytes[at++] as number;
    return at;
  }

  #begin(): void {
    const bytes = this.#headBytes;
    const length = ((bytes[0] as number) << 16) | ((bytes[1] as number) << 8) | (bytes[2] as number);
    const head = {
      type: bytes[3] as number,
      flags: bytes[4] as number,
      stream: bytes.readUInt32BE(5) & 0x7fff_ffff,
      length,
    };
    if (length > defaultFrameSize) throw new Http2Error(http2Codes.frameSizeError, 'a frame is too large');
    this.#head = head;
    this.#content = length;
    this.#padding = 0;
    if (head.type === frameTypes.data && (head.flags & frameFlags.padded) !== 0) {
      if (length === 0) throw badPadding();
      this.#padding = -1;
    }
    this.#handler.frameBegins(head);
  }

  #readData(bytes: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#padding < 0) {
      this.#padding = bytes[at++] as number;
      this.#content -= 1 + this.#padding;
      if (this.#content < 0) throw badPadding();
    }
    const content = Math.min(this.#content, end - at);
    if (content > 0) this.#handler.data(bytes, at, at + content);
    this.#content -= content;
    at += content;
    const padding = Math.min(this.#padding, end - at);
    this.#padding -= padding;
    at += padding;
    if (this.#content === 0 && this.#padding === 0) {
      this.#headSize = 0;
      this.#handler.dataEnds(this.#head);
    }
    return at;
  }

  #readOther(bytes: Buffer, start: number, end: number): number {
    const size = Math.min(this.#content, end - start);
    const isWhole = size === this.#head.length;
    if (!isWhole) {
      this.#kept ??= Buffer.allocUnsafe(this.#head.length);
      bytes.copy(this.#kept, this.#keptSize, start, start + size);
      this.#keptSize += size;
    }
    this.#content -= size;
    if (this.#content > 0) return start + size;
    const kept = this.#kept;
    this.#kept = undefined;
    this.#keptSize = 0;
    this.#headSize = 0;
    if (kept === undefined) this.#handler.frame(this.#head, bytes, start, start + size);
    else this.#handler.frame(this.#head, kept, 0, kept.length);
    return start + size;
  }
}

function badPadding(): Http2Error {
  return new Http2Error(http2Codes.protocolError, 'a frame has more padding than content');
}
