import type { ByteBuilder } from '../../base/byte-builder.ts';
import { appendEscaped, escapesFor } from '../../base/escaped-text.ts';
import { sequenceLength } from '../../base/utf8-sequence.ts';

const [space, quote, equals, del] = [0x20, 0x22, 0x3d, 0x7f];
const nullText = Buffer.from('null');

const escapes = escapesFor({
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
});

/** By byte: whether a value with it may need no quotes. What is not ASCII is looked at more closely. */
const isPlain = Uint8Array.from({ length: 0x100 }, (_, byte) =>
  byte <= space || byte === equals || byte === quote || byte >= del ? 0 : 1,
);

/*
 * Writes the pairs of a logfmt record as go-logfmt does.
 */

/**
 * Appends a key and an equals sign, and a space before them unless the record begins here. Characters that a key cannot
 * have are left out; if nothing else is there, nothing is appended, and the result is false.
 */
export function appendKey(out: ByteBuilder, recordStart: number, key: Buffer, start: number, end: number): boolean {
  const target = out.reserve(end - start + 2);
  let at = out.size;
  if (at > recordStart) target[at++] = space;
  const keyStart = at;
  for (let from = start; from < end;) {
    const length = keyCharacter(key, from, end);
    if (length > 0) for (let byte = from; byte < from + length; byte++) target[at++] = key[byte] ?? 0;
    from += Math.abs(length);
  }
  if (at === keyStart) return false;
  target[at++] = equals;
  out.advanceTo(at);
  return true;
}

/** The length of a character; negative if keys cannot have it. */
function keyCharacter(bytes: Buffer, at: number, end: number): number {
  const byte = bytes[at] ?? 0;
  if (byte < 0x80) return byte <= space || byte === equals || byte === quote ? -1 : 1;
  const length = sequenceLength(bytes, at, end);
  if (length === 0) return -1;
  return isReplacement(bytes, at) ? -length : length;
}

/** Appends a value that is text. */
export function appendText(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  if (isNull(bytes, start, end)) appendQuoted(out, bytes, start, end);
  else appendBytes(out, bytes, start, end);
}

/** Appends a value of any bytes; those of `null` are not told from no value. */
export function appendBytes(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  const target = out.reserve(end - start);
  let to = out.size;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (isPlain[byte] === 0) break;
    target[to++] = byte;
  }
  if (at === end) out.advanceTo(to);
  else if (needsQuotes(bytes, at, end)) appendQuoted(out, bytes, start, end);
  else out.append(bytes, start, end);
}

/** Appends that there is no value. */
export function appendNull(out: ByteBuilder): void {
  out.append(nullText, 0, nullText.length);
}

function appendQuoted(out: ByteBuilder, bytes: Buffer, start: number, end: number): void {
  out.appendAscii('"');
  appendEscaped(out, bytes, start, end, escapes);
  out.appendAscii('"');
}

function needsQuotes(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (isPlain[byte] === 1) continue;
    const length = byte < 0x80 ? 0 : sequenceLength(bytes, at, end);
    if (length === 0 || isReplacement(bytes, at)) return true;
    at += length - 1;
  }
  return false;
}

function isNull(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== nullText.length) return false;
  let at = 0;
  while (at < nullText.length && bytes[start + at] === nullText[at]) at++;
  return at === nullText.length;
}

/** U+FFFD, which is what Go sees in broken text as well. */
function isReplacement(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
}
