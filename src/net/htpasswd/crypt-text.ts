const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Three bytes of a digest by their numbers, the highest first; -1 stands for zero. */
export type Triple = readonly [number, number, number];

/**
 * A digest as password files have it: six bits a character, the lowest first, with the bytes in an order of their own.
 * `length` is that of the text, which cuts off what the last triple has too much.
 */
export function cryptText(digest: Buffer, triples: readonly Triple[], length: number): string {
  const text = triples.map(([high, middle, low]) => {
    let bits = ((digest[high] ?? 0) << 16) | ((digest[middle] ?? 0) << 8) | (digest[low] ?? 0);
    let characters = '';
    for (let count = 0; count < 4; count++, bits >>>= 6) characters += digits[bits & 0x3f];
    return characters;
  });
  return text.join('').slice(0, length);
}
