const newline = 0x0a;
const carriageReturn = 0x0d;

/** Lines as ranges of a buffer, without their line ends. */
export interface LineRanges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
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

function grown(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
