import type { PooledFile } from './file-handles.ts';
import { lastLineEnd, type LineEncoding } from './line-encoding.ts';

/** How much is searched at once. */
const chunkSize = 256 * 1024;

/** Where the last whole line of a file ends, up to an offset; 0 if there is none. */
export async function endOfLastLine(file: PooledFile, size: number, encoding: LineEncoding): Promise<number> {
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - chunkSize);
    const found = lastLineEnd(await file.read(start, end), encoding, start);
    if (found >= 0) return start + found;
    // They overlap, so that no line end is cut in two.
    end = start === 0 ? 0 : start + encoding.newline.length - 1;
  }
  return 0;
}
