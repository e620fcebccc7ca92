import { defaultFrameSize, frameFlags, Http2Error, http2Codes, protocolError } from './codes.ts';
import type { FrameHead } from './frame-reader.ts';
import { HeaderDecoder, type HeaderProblem, type Http2Headers } from './header-decoder.ts';

/** A block may have so much more than its headers. */
const overhead = defaultFrameSize;

/** What each part of a block takes at least, so that empty ones count too. */
const partOverhead = 16;

/** The headers of a stream. */
export interface HeaderBlock {
  readonly stream: number;
  /** Whether the peer says nothing more on the stream. */
  readonly isEnd: boolean;
  readonly headers: Http2Headers | HeaderProblem;
}

/** Puts blocks of headers together from their frames, RFC 9113, section 6.2 and 6.10. */
export class HeaderBlocks {
  readonly #decoder: HeaderDecoder;
  readonly #maxSize: number;
  #open: { readonly stream: number; readonly isEnd: boolean; readonly parts: Buffer[]; size: number } | undefined;

  /** Headers may have so many bytes, as HPACK counts them. */
  constructor(maxBytes: number) {
    this.#decoder = new HeaderDecoder(maxBytes);
    this.#maxSize = maxBytes + overhead;
  }

  /** The stream whose block must go on now; undefined if there is none. */
  get openStream(): number | undefined {
    return this.#open?.stream;
  }

  /** Takes the first frame of a block. The result is the block if it is complete. */
  begin({ stream, flags }: FrameHead, bytes: Buffer, start: number, end: number): HeaderBlock | undefined {
    if (stream === 0) throw protocolError('headers are of no stream');
    let from = start;
    let to = end;
    if ((flags & frameFlags.padded) !== 0) to -= bytes[from++] ?? 0;
    if ((flags & frameFlags.priority) !== 0) from += 5;
    if (from > to) throw protocolError('a frame has more padding than content');
    const isEnd = (flags & frameFlags.endStream) !== 0;
    if ((flags & frameFlags.endHeaders) !== 0) return { stream, isEnd, headers: this.#decoder.decode(bytes, from, to) };
    this.#open = { stream, isEnd, parts: [], size: 0 };
    this.#add(this.#open, bytes, from, to);
    return undefined;
  }

  /** Takes a further frame of the same block. */
  goOn({ flags }: FrameHead, bytes: Buffer, start: number, end: number): HeaderBlock | undefined {
    const open = this.#open;
    if (open === undefined) throw protocolError('there are no headers to go on with');
    this.#add(open, bytes, start, end);
    if ((flags & frameFlags.endHeaders) === 0) return undefined;
    this.#open = undefined;
    const whole = Buffer.concat(open.parts);
    const { stream, isEnd } = open;
    return { stream, isEnd, headers: this.#decoder.decode(whole, 0, whole.length) };
  }

  #add(open: { readonly parts: Buffer[]; size: number }, bytes: Buffer, start: number, end: number): void {
    open.size += end - start + partOverhead;
    if (open.size > this.#maxSize) throw new Http2Error(http2Codes.enhanceYourCalm, 'headers are much too large');
    open.parts.push(Buffer.from(bytes.subarray(start, end)));
  }
}
