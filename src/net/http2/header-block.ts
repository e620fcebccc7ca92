import type { HttpHeaders } from '../http-message.ts';
import { http } from '../node-http.ts';
import { knownNames } from './header-table.ts';

/** Fields that are about a connection of HTTP/1.1. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Writes headers as a block, RFC 7541, that any connection can read, so that it can be made once for all: peers learn nothing from
 * it. Names are made lower case. Throws if a header cannot be sent.
 */
export function encodeHeaderBlock(headers: HttpHeaders): Buffer {
  const parts: Buffer[] = [];
  // Those of HTTP/2 itself come first.
  const entries = Object.entries(headers).toSorted(([a], [b]) => Number(b.startsWith(':')) - Number(a.startsWith(':')));
  for (const [given, values] of entries) {
    const name = given.toLowerCase();
    if (connectionFields.has(name)) throw new Error(`HTTP/2 has no header ${name}`);
    if (!name.startsWith(':')) http.validateHeaderName(name);
    for (const value of [values].flat()) {
      if (!name.startsWith(':')) http.validateHeaderValue(name, value);
      parts.push(encodeField(name, value));
    }
  }
  return Buffer.concat(parts);
}

/** A literal that is not learned; credentials are never learned further on either. */
function encodeField(name: string, value: string): Buffer {
  const first = name === 'authorization' || name === 'cookie' ? 0x10 : 0;
  const number = knownNames.get(name);
  const named = number === undefined ? [Buffer.of(first), encodeString(name)] : [encodeInteger(number, 0x0f, first)];
  return Buffer.concat([...named, encodeString(value)]);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeInteger(bytes.length, 0x7f, 0), bytes]);
}

/** An integer that begins in the bits of a mask of a byte. */
function encodeInteger(value: number, mask: number, first: number): Buffer {
  if (value < mask) return Buffer.of(first | value);
  const bytes = [first | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
