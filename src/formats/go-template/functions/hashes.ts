import { createHash } from 'node:crypto';
import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';

export const hashes: FunctionTable = {
  sha1sum: fixed([text], (s) => hexDigest('sha1', s)),
  sha256sum: fixed([text], (s) => hexDigest('sha256', s)),
  sha512sum: fixed([text], (s) => hexDigest('sha512', s)),
  adler32sum: fixed([text], (s) => String(adler32(Buffer.from(s)))),
};

export function hexDigest(algorithm: 'sha1' | 'sha256' | 'sha512' | 'sha3-256', s: string): string {
  return createHash(algorithm).update(s).digest('hex');
}

function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}
