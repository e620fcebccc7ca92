import type { SentLines } from '../../../files/line-receiver.ts';
import type { Labels } from '../../../model/labels.ts';
import type { LogBatch } from '../../../model/log-batch.ts';

const second = 1_000_000_000;

/** Lines of a file as entries of one stream. */
export function lineBatch({ bytes, starts, ends, time }: SentLines, labels: Labels): LogBatch {
  const count = starts.length;
  const seconds = new Float64Array(count).fill(time.seconds);
  const nanos = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const after = time.nanos + index;
    nanos[index] = after % second;
    if (after >= second) seconds[index] = time.seconds + Math.floor(after / second);
  }
  return {
    bytes,
    count,
    lineStarts: starts,
    lineEnds: ends,
    seconds,
    nanos,
    streams: [labels],
    streamOf: new Uint32Array(count),
    metadata: undefined,
    readAt: time.seconds * 1000 + Math.floor(time.nanos / 1_000_000),
  };
}
