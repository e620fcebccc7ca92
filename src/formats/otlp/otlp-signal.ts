import { otlpItems, type OtlpBatch } from '../../model/otlp-batch.ts';
import type { Signal } from '../../model/signal.ts';

/** What flows between the `otelcol` components: one kind of input takes traces, metrics and logs. */
export const otlp: Signal<OtlpBatch> = {
  name: 'otelcol',
  items: 'spans, data points and log records',
  count: ({ count }) => count,
  *describe({ kind, count }) {
    yield `${count} ${otlpItems[kind]}`;
  },
};
