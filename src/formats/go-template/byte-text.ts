/*
 * Texts of Go are bytes, and some functions count them. What is cut out of the middle of a character becomes U+FFFD,
 * since texts here are always valid.
 */

/** Whether every character is one byte. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

export function sliceBytes(text: string, start: number, end: number): string {
  return isAscii(text) ? text.slice(start, end) : Buffer.from(text).toString('utf8', start, end);
}

export function byteAt(text: string, index: number): number {
  return isAscii(text) ? text.charCodeAt(index) : (Buffer.from(text)[index] ?? 0);
}
