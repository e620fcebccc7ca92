import { formatRfc3339Nano } from '../base/rfc3339.ts';
import { entriesOf, type LogBatch } from './log-batch.ts';
import { describeSamples } from './sample-text.ts';
import { sampleCount, type SampleBatch } from './sample-batch.ts';

/** A kind of telemetry, and what the runtime must know of its batches to count and show them on the way. */
export interface Signal<B> {
  readonly name: string;
  /** What one item is called, such as `entries`. */
  readonly items: string;
  count(batch: B): number;
  /** One text for each item, for live debugging. */
  describe(batch: B): Iterable<string>;
}

export const logs: Signal<LogBatch> = {
  name: 'logs',
  items: 'entries',
  count: (batch) => batch.count,
  *describe(batch) {
    for (const { line, seconds, nanos, labels, metadata } of entriesOf(batch)) {
      const time = formatRfc3339Nano(seconds, nanos);
      const pairs = JSON.stringify(metadata);
      yield `timestamp: ${time}, entry: ${line}, labels: ${labels.toString()}, structured_metadata: ${pairs}`;
    }
  },
};

export const metrics: Signal<SampleBatch> = {
  name: 'metrics',
  items: 'samples',
  count: sampleCount,
  describe: describeSamples,
};
