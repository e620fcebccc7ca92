import type { LineClock } from '../../../files/line-clock.ts';
import type { LogBatch } from '../../../model/log-batch.ts';

const second = 1_000_000_000;

/** The batch with the time of a clock for each entry, which keeps them in order. */
export function stamped(batch: LogBatch, clock: LineClock): LogBatch {
  const { count } = batch;
  const seconds = new Float64Array(count);
  const nanos = new Uint32Array(count);
  const first = clock.take(count);
  for (let index = 0; index < count; index++) {
    const sum = first.nanos + index;
    seconds[index] = first.seconds + Math.floor(sum / second);
    nanos[index] = sum % second;
  }
  return { ...batch, seconds, nanos };
}
