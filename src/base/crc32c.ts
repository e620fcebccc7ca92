/** `tables[k]` holds the checksum of each byte with `k` zeros behind it, so that four bytes are done at once. */
const tables = makeTables();
const [table0, table1, table2, table3] = tables;

/** The checksum CRC-32C (Castagnoli) of a range of bytes, as a signed integer. */
export function crc32c(bytes: Buffer, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    crc ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    crc =
      (table3[crc & 0xff] ?? 0) ^
      (table2[(crc >>> 8) & 0xff] ?? 0) ^
      (table1[(crc >>> 16) & 0xff] ?? 0) ^
      (table0[crc >>> 24] ?? 0);
  }
  for (; at < end; at++) crc = (table0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc;
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const made = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    made[0][byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    let crc = made[0][byte] ?? 0;
    for (const table of made.slice(1)) {
      crc = (made[0][crc & 0xff] ?? 0) ^ (crc >>> 8);
      table[byte] = crc;
    }
  }
  return made;
}
