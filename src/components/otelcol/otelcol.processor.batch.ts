import { component } from '../../component/component.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { duration, integer, list } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { stringType } from '../../schema/types.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { BatchProcessor } from './otelcol.processor.batch/batch-processor.ts';
import { batchMetrics } from './otelcol.processor.batch/metrics.ts';
import { outputBlock } from './output-block.ts';

export const otelcolProcessorBatch = component({
  name: 'otelcol.processor.batch',
  stability: 'generally-available',
  doc: `
Joins what comes into larger batches, which compress better and make fewer requests. A batch is sent when it has
\`send_batch_size\` spans, data points or log records, and at the latest after \`timeout\`; what comes at once and is larger than
\`send_batch_max_size\` is divided. Resources stay as they came: equal ones are not merged.

Whoever sends is told at once that it was accepted, and learns that it was delivered when the batches that it went into are.
A batch that is refused by what follows, such as a full queue, is kept and offered again, after 100 ms at first and then
after up to 5 s, where Alloy drops it. Meanwhile senders wait when two batches or 64 MiB are pending, so that nothing grows
without end. A batch that is refused for good is dropped and counted. When the component stops, what waits is sent; what
nobody takes within five seconds is dropped and counted.`,
  example: `
otelcol.processor.batch "default" {
  output {
    metrics = [otelcol.exporter.debug.out.input]
    logs    = [otelcol.exporter.debug.out.input]
    traces  = [otelcol.exporter.debug.out.input]
  }
}

otelcol.exporter.debug "out" { }`,
  arguments: {
    timeout: duration('How long items wait for a batch to fill; with 0 they do not.').default(200),
    send_batch_size: integer('How many items make a batch that is sent before `timeout`; 0 for any number.').default(
      2000,
    ),
    send_batch_max_size: integer('How many items a batch has at most; 0 for no limit.').default(3000),
    metadata_keys: list(
      'Keys of the metadata of clients. Batches have only items of clients with the same values, and hand on these keys.',
      stringType,
    ).default([]),
    metadata_cardinality_limit: integer(
      'How many combinations of values there may be; what comes with another one is refused. 0 for no limit.',
    ).default(1000),
    output: outputBlock('Where batches go.'),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    input: input('Takes spans, data points and log records.', otlp),
  },
  metrics: batchMetrics,
  check({ send_batch_size: size, send_batch_max_size: maxSize, ...counts }) {
    if (Math.min(size, maxSize, counts.metadata_cardinality_limit) < 0) return 'sizes and limits must not be negative';
    if (maxSize > 0 && maxSize < size)
      return 'send_batch_max_size must be greater or equal to send_batch_size when not 0';
    return undefined;
  },
  build({ id, args, metrics, log }) {
    const processor = new BatchProcessor(id, args, metrics, log);
    return {
      exports: { input: processor },
      run: (signal) => processor.run(signal),
      close: () => processor.close(),
    };
  },
});
