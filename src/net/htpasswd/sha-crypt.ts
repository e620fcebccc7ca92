import { hash } from 'node:crypto';
import { cryptText, type Triple } from './crypt-text.ts';

/** What differs between the variants: `$5$` is SHA-256, `$6$` is SHA-512. */
interface Variant {
  readonly algorithm: 'sha256' | 'sha512';
  readonly triples: readonly Triple[];
  readonly length: number;
}

export const shaCryptVariants: Readonly<Record<'5' | '6', Variant>> = {
  5: {
    algorithm: 'sha256',
    triples: [...rotated([0, 10, 20], 10, ([a, b, c]) => [c + 1, a + 1, b + 1]), [-1, 31, 30]],
    length: 43,
  },
  6: {
    algorithm: 'sha512',
    triples: [...rotated([0, 21, 42], 21, ([a, b, c]) => [b + 1, c + 1, a + 1]), [-1, -1, 63]],
    length: 86,
  },
};

/** The hash of a password as in `$6$salt$hash` and `$6$rounds=5000$salt$hash`. */
export function shaCrypt(
  { algorithm, triples, length }: Variant,
  password: Buffer,
  salt: Buffer,
  rounds: number,
): string {
  const digestOf = (...parts: readonly Buffer[]): Buffer => hash(algorithm, Buffer.concat(parts), 'buffer');
  const inner = digestOf(password, salt, password);
  const parts = [password, salt, repeated(inner, password.length)];
  for (let bits = password.length; bits > 0; bits >>>= 1) parts.push((bits & 1) === 1 ? inner : password);
  let digest = digestOf(...parts);
  const longPassword = repeated(digestOf(...times(password, password.length)), password.length);
  const longSalt = repeated(digestOf(...times(salt, 16 + (digest[0] ?? 0))), salt.length);
  for (let round = 0; round < rounds; round++) {
    const isOdd = (round & 1) === 1;
    const middle = [...(round % 3 === 0 ? [] : [longSalt]), ...(round % 7 === 0 ? [] : [longPassword])];
    digest = digestOf(isOdd ? longPassword : digest, ...middle, isOdd ? digest : longPassword);
  }
  return cryptText(digest, triples, length);
}

function rotated(first: Triple, count: number, next: (triple: Triple) => Triple): Triple[] {
  const triples = [first];
  while (triples.length < count) triples.push(next(triples.at(-1) as Triple));
  return triples;
}

/** So many bytes of a digest, which begins anew where it ends. */
function repeated(digest: Buffer, size: number): Buffer {
  return Buffer.alloc(size, digest);
}

function times(bytes: Buffer, count: number): Buffer[] {
  return Array.from({ length: count }, () => bytes);
}
