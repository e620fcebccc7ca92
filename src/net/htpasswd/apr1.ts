import { hash } from 'node:crypto';
import { cryptText, type Triple } from './crypt-text.ts';

const digestSize = 16;
const rounds = 1000;
const triples: readonly Triple[] = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
  [-1, -1, 11],
];

/** The hash of a password as Apache's own variant of MD5 has it: `$apr1$salt$hash`. */
export function apr1(password: Buffer, salt: Buffer): string {
  const parts = [password, Buffer.from('$apr1$'), salt];
  const inner = md5(password, salt, password);
  for (let left = password.length; left > 0; left -= digestSize) parts.push(inner.subarray(0, left));
  for (let bits = password.length; bits > 0; bits >>>= 1)
    parts.push((bits & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1));
  let digest = md5(...parts);
  for (let round = 0; round < rounds; round++) {
    const isOdd = (round & 1) === 1;
    const middle = [...(round % 3 === 0 ? [] : [salt]), ...(round % 7 === 0 ? [] : [password])];
    digest = md5(isOdd ? password : digest, ...middle, isOdd ? digest : password);
  }
  return cryptText(digest, triples, 22);
}

function md5(...parts: readonly Buffer[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer');
}
