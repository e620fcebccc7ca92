import type { OtlpBatch } from '../../model/otlp-batch.ts';
import type { Signal } from '../../model/signal.ts';
import { encodeOtlpJson } from './json-encode.ts';
import { OtlpSplitter } from './splitter.ts';

/** What flows between the `otelcol` components: one kind of input takes traces, metrics and logs. */
export const otlp: Signal<OtlpBatch> = {
  name: 'otelcol',
  items: 'spans, data points and log records',
  count: ({ count }) => count,
  /** Each item as an export request in JSON. */
  *describe(batch) {
    const splitter = new OtlpSplitter(batch);
    for (let item = splitter.take(1); item !== undefined; item = splitter.take(1))
      yield encodeOtlpJson(item).toString();
  },
};
