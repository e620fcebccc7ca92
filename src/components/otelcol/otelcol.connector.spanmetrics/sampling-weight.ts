const [comma, semicolon, colon, equals, space, tab] = [0x2c, 0x3b, 0x3a, 0x3d, 0x20, 0x09];
const [o, t, h] = [0x6f, 0x74, 0x68];
const maxDigits = 14;

/**
 * How many spans one stands for, by the threshold of the sampler in its trace state: `ot=th:8` says that half of them
 * were kept. 1 where there is none. A fraction is a chance of one more, so that the result is an integer and its mean right.
 */
export function samplingWeight(bytes: Buffer, start: number, end: number, random: () => number): number {
  let at = start;
  while (at < end) {
    while (at < end && (bytes[at] === space || bytes[at] === tab)) at++;
    if (bytes[at] === o && bytes[at + 1] === t && bytes[at + 2] === equals && at + 3 < end) {
      return weightIn(bytes, at + 3, end, random);
    }
    while (at < end && bytes[at] !== comma) at++;
    at++;
  }
  return 1;
}

/** The weight by the fields of the entry `ot`, which are separated by semicolons. */
function weightIn(bytes: Buffer, start: number, end: number, random: () => number): number {
  let at = start;
  while (at < end) {
    if (bytes[at] === t && bytes[at + 1] === h && bytes[at + 2] === colon && at + 3 < end) {
      const weight = 1 / (1 - fraction(bytes, at + 3, end));
      const whole = Math.floor(weight);
      return random() < weight - whole ? whole + 1 : whole;
    }
    while (at < end && bytes[at] !== semicolon && bytes[at] !== comma) at++;
    if (bytes[at] === comma) return 1;
    at++;
  }
  return 1;
}

/** Hexadecimal digits behind the point of a fraction; 0 if they are anything else. */
function fraction(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  let scale = 1;
  let at = start;
  for (; at < end && at - start <= maxDigits; at++) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit < 0) break;
    scale /= 16;
    value += digit * scale;
  }
  const isEnd = at === end || bytes[at] === semicolon || bytes[at] === comma || bytes[at] === space;
  return isEnd && at > start && at - start <= maxDigits && value < 1 ? value : 0;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x61 + 10;
  return -1;
}
