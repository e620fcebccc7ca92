import { Http2Error, http2Codes } from './codes.ts';

/*
 * The code that strings of header fields are compressed with, RFC 7541, appendix B.
 */

/** How many bits the code of each byte has; at the end that of the mark which no string may contain. Codes of one length follow each other. */
const lengths = Buffer.from(
  '0d171c1c1c1c1c1c1c181e1c1c1e1c1c1c1c1c1c1c1c1e1c1c1c1c1c1c1c1c1c060a0a0c0d06080b0a0a080b080606060505' +
    '050606060606060607080f060c0a0d06070707070707070707070707070707070707070707070807080d130d0e060f050605' +
    '06050606060507070606060506070605050607070707070f0b0e0d1c14161414161616171617171717171817181816171817' +
    '1717171516171617171816151416161717151716161815161717151516151716171714161616171616171a1a141316171619' +
    '1a1a1a1b1b1a181913151a1b1b1a1b1815151a1a1c1b1b1b14181415161515171616191918181a171a1b1a1a1b1b1b1b1b1c' +
    '1b1b1b1b1b1a1e',
  'hex',
);
const mark = 256;

/**
 * Nodes of 256 entries, one for each next byte of the input. An entry has the number of bits of the input that it takes in its
 * lowest 4 bits, and above them what was decoded, or 512 and the number of the next node.
 */
let nodes: Uint16Array | undefined;
const nextNode = 512;

/** Decodes a range to one character a byte. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string {
  nodes ??= buildNodes();
  let text = '';
  let node = 0;
  /** Bits that were read and not used yet, and how many. */
  let bits = 0;
  let count = 0;
  /** The bits since the last whole character. */
  let pending = 0;
  for (let at = start; at < end; at++) {
    bits = ((bits << 8) | (bytes[at] as number)) & 0xffff;
    count += 8;
    pending += 8;
    while (count >= 8) {
      const entry = nodes[(node << 8) | ((bits >> (count - 8)) & 0xff)] as number;
      const decoded = entry >> 4;
      count -= entry & 15;
      if (decoded >= nextNode) {
        node = decoded - nextNode;
        continue;
      }
      if (decoded === mark) throw malformed();
      text += String.fromCharCode(decoded);
      node = 0;
      pending = count;
    }
  }
  // What is left may hold short codes; behind them is padding of at most 7 ones.
  while (count > 0) {
    const entry = nodes[(node << 8) | ((bits << (8 - count)) & 0xff)] as number;
    const decoded = entry >> 4;
    if (decoded >= nextNode || (entry & 15) > count) break;
    text += String.fromCharCode(decoded);
    count -= entry & 15;
    node = 0;
    pending = count;
  }
  const ones = (1 << count) - 1;
  if (pending > 7 || (bits & ones) !== ones) throw malformed();
  return text;
}

function malformed(): Http2Error {
  return new Http2Error(http2Codes.compressionError, 'a string of a header is malformed');
}

function buildNodes(): Uint16Array {
  const built: number[][] = [[]];
  let code = 0;
  for (let length = 1; length <= 30; length++) {
    code *= 2;
    for (const [symbol, bits] of lengths.entries()) if (bits === length) add(built, symbol, code++, length);
  }
  return Uint16Array.from(built.flatMap((node) => Array.from({ length: 256 }, (_, index) => node[index] ?? 0)));
}

function add(built: number[][], symbol: number, code: number, length: number): void {
  let node = 0;
  let left = length;
  for (; left > 8; left -= 8) {
    const index = Math.floor(code / 2 ** (left - 8)) & 0xff;
    const entry = (built[node] as number[])[index];
    if (entry === undefined) (built[node] as number[])[index] = ((nextNode + built.push([]) - 1) << 4) | 8;
    node = (((built[node] as number[])[index] as number) >> 4) - nextNode;
  }
  const first = (code << (8 - left)) & 0xff;
  for (let index = first; index < first + (1 << (8 - left)); index++)
    (built[node] as number[])[index] = (symbol << 4) | left;
}
