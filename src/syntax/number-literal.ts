const maxInt64 = 2n ** 63n - 1n;
const maxUint64 = 2n ** 64n - 1n;

/** Reads an integer as Alloy does: a leading zero means octal, and what is no 64-bit integer becomes a float. */
export function integerValue(text: string): bigint | number {
  const isOctal = text.length > 1 && text.startsWith('0');
  if (isOctal && !/^[0-7]+$/.test(text)) return Number(text);
  // No 64-bit integer has more than 22 digits, and reading a huge one exactly would be slow.
  const digits = text.replace(/^0+(?=\d)/, '');
  if (digits.length > 22) return Number(text);
  const value = BigInt(isOctal ? `0o${digits}` : digits);
  return value > maxUint64 ? Number(text) : value;
}

/** Whether a result still is an integer of 64 bits, signed or unsigned. */
export function fitsInteger(value: bigint): boolean {
  return value >= -maxInt64 - 1n && value <= maxUint64;
}
