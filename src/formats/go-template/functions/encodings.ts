import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';

/** What is wrong with encoded text becomes the result, as in the originals. */
export const encodings: FunctionTable = {
  b64enc: fixed([text], (s) => Buffer.from(s).toString('base64')),
  b64dec: fixed([text], (s) => decodeBase64(s) ?? illegal(64, s, /[A-Za-z0-9+/]*/y)),
  b32enc: fixed([text], (s) => encodeBase32(Buffer.from(s))),
  b32dec: fixed([text], (s) => decodeBase32(s) ?? illegal(32, s, /[A-Z2-7]*/y)),
};

function illegal(base: 32 | 64, s: string, good: RegExp): string {
  good.lastIndex = 0;
  return `illegal base${base} data at input byte ${good.exec(s)?.[0].length ?? 0}`;
}

/** Undefined if the text is no base64 with its padding. */
export function decodeBase64(s: string): string | undefined {
  const compact = s.replaceAll(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64').toString();
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function encodeBase32(bytes: Buffer): string {
  let encoded = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) encoded += alphabet[(held >> (bits - 5)) & 31];
  }
  if (bits > 0) encoded += alphabet[(held << (5 - bits)) & 31];
  return encoded.padEnd(Math.ceil(encoded.length / 8) * 8, '=');
}

function decodeBase32(s: string): string | undefined {
  const compact = s.replaceAll(/[\r\n]/g, '');
  if (
    compact.length % 8 !== 0 ||
    !/^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}===|[A-Z2-7]{7}=)?$/.test(compact)
  ) {
    return undefined;
  }
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of compact.replace(/=+$/, '')) {
    held = ((held << 5) | alphabet.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Buffer.from(bytes).toString();
}
