import type { ParseError } from '../../base/parse-error.ts';
import type { Labels } from '../../model/labels.ts';
import { LogBatchBuilder } from '../../model/log-batch-builder.ts';
import { tooManyEntries, type DecodedPush, type PushLimits } from './decoded-push.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads lines of text, each of which becomes an entry of one stream, without a timestamp. Empty lines are none. The lines
 * of the batch are ranges of the given bytes, which must not change any more.
 */
export function decodeRawPush(
  bytes: Buffer,
  readAt: number,
  labels: Labels,
  { maxEntries }: PushLimits,
): DecodedPush | ParseError {
  const batch = new LogBatchBuilder();
  batch.start(bytes, readAt);
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(lineFeed, start);
    const next = found < 0 ? bytes.length : found;
    let end = next;
    while (end > start && bytes[end - 1] === carriageReturn) end--;
    if (end > start) {
      if (batch.count === maxEntries) return tooManyEntries(maxEntries);
      batch.add(start, end, 0, 0, labels);
    }
    start = next + 1;
  }
  return { batch: batch.finish(), labelError: undefined, lostEntries: 0 };
}
