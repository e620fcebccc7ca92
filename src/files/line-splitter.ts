import { ownBuffer } from '../base/bytes.ts';
import type { LineEncoding } from './line-encoding.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Lines as ranges of a buffer, without their line ends. */
export interface LineRanges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Lines as ranges of bytes that nothing else uses. */
export interface Lines extends LineRanges {
  readonly bytes: Buffer;
}

/** Where ranges are collected before they are handed out; reused, since splitting is synchronous. */
let starts = new Uint32Array(1024);
let ends = new Uint32Array(1024);

/**
 * Splits a range of bytes at newlines. One carriage return before a newline, or at the end, belongs to the line end.
 * What follows the last newline is a line too unless it is empty.
 */
export function splitLines(bytes: Buffer, start: number, end: number): LineRanges {
  let count = 0;
  for (let at = start; at < end;) {
    const found = bytes.indexOf(newline, at);
    const stop = found < 0 || found >= end ? end : found;
    if (count === starts.length) {
      starts = grown(starts);
      ends = grown(ends);
    }
    starts[count] = at;
    ends[count] = stop > at && bytes[stop - 1] === carriageReturn ? stop - 1 : stop;
    count++;
    at = stop + 1;
  }
  return { starts: starts.slice(0, count), ends: ends.slice(0, count) };
}

/** The lines of a range of a file as UTF-8. A few lines do not keep a large buffer alive. */
export function decodeLines(bytes: Buffer, start: number, end: number, { decode }: LineEncoding): Lines {
  if (decode !== undefined) {
    const text = decode(bytes.subarray(start, end));
    return { bytes: text, ...splitLines(text, 0, text.length) };
  }
  if (end - start >= bytes.length / 4) return { bytes, ...splitLines(bytes, start, end) };
  const own = ownBuffer(end - start);
  bytes.copy(own, 0, start, end);
  return { bytes: own, ...splitLines(own, 0, own.length) };
}

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
