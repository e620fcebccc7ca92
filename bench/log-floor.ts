import { openSync, readSync } from 'node:fs';
import { compress, maxCompressedSize } from '../src/formats/snappy/compress.ts';

/*
 * The least that any log collector must do with files: read them, find the lines, and compress the bytes. Prints the CPU
 * seconds that takes, for the files named in the arguments.
 */
const chunk = Buffer.allocUnsafeSlow(256 * 1024);
const output = Buffer.allocUnsafeSlow(maxCompressedSize(chunk.length));
const before = process.cpuUsage();
let lines = 0;
for (const path of process.argv.slice(2)) {
  const file = openSync(path, 'r');
  for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
    for (let at = chunk.indexOf(10); at >= 0 && at < size; at = chunk.indexOf(10, at + 1)) lines++;
    compress(chunk, 0, size, output, 0);
  }
}
const { user, system } = process.cpuUsage(before);
process.send?.({ lines, cpuSeconds: (user + system) / 1e6 });
process.disconnect?.();
