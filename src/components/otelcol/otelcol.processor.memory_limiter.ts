import { component } from '../../component/component.ts';
import { counter } from '../../component/metrics.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { bytes, duration, integer } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { MemoryWatch, processMemory, wholeMebibytes } from './otelcol.processor.memory_limiter/memory-watch.ts';
import { outputBlock, outputFor } from './output-block.ts';

const labels = ['processor'] as const;
const signalLabels = ['processor', 'otel_signal'] as const;

function accepted(items: string, name: string) {
  return counter(`otelcol_processor_memory_limiter_accepted_${name}_total`, `${items} that were let through.`, labels);
}

function refused(items: string, name: string) {
  return counter(
    `otelcol_processor_memory_limiter_refused_${name}_total`,
    `${items} that were refused for now, since too much memory is used.`,
    labels,
  );
}

export const otelcolProcessorMemoryLimiter = component({
  name: 'otelcol.processor.memory_limiter',
  stability: 'generally-available',
  doc: `
Refuses what comes while the program uses too much memory, so that clients send it later. Put it first, before what keeps
data. Nothing waits here: a batch is accepted and delivered when what follows says so.

Memory is the heap of JavaScript and the buffers outside of it, of the whole program. From the soft limit on, which is the
limit without the spike limit, data is refused until less is used. Unlike Alloy it does not force garbage collections.`,
  example: `
otelcol.processor.memory_limiter "default" {
  check_interval = "1s"
  limit          = "512MiB"

  output {
    traces = [otelcol.exporter.debug.out.input]
  }
}

otelcol.exporter.debug "out" { }`,
  arguments: {
    check_interval: duration('How often memory is looked at.'),
    limit: bytes('The memory that may be used, in whole MiB.').default(0),
    spike_limit: bytes('How much of the limit is left for spikes; a fifth of it if this is 0.').default(0),
    limit_percentage: integer(
      'The same as a percentage of the memory of the machine, or of what its control group may use.',
    ).default(0),
    spike_limit_percentage: integer('How much of that percentage is left for spikes.').default(0),
    output: outputBlock('Where data goes.'),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    input: input('Takes spans, data points and log records.', otlp),
  },
  metrics: {
    acceptedSpans: accepted('Spans', 'spans'),
    acceptedPoints: accepted('Data points', 'metric_points'),
    acceptedRecords: accepted('Log records', 'log_records'),
    refusedSpans: refused('Spans', 'spans'),
    refusedPoints: refused('Data points', 'metric_points'),
    refusedRecords: refused('Log records', 'log_records'),
    incoming: counter('otelcol_processor_incoming_items_total', 'Items that came.', signalLabels),
    outgoing: counter('otelcol_processor_outgoing_items_total', 'Items that were let through.', signalLabels),
  },
  check(args) {
    const { limit, spike_limit: spike, limit_percentage: percentage, spike_limit_percentage: spikePercentage } = args;
    if (args.check_interval <= 0) return "'check_interval' must be greater than zero";
    if (limit > 0 && percentage !== 0) return 'either limit or limit_percentage must be set, but not both';
    if (limit > 0) {
      if (wholeMebibytes(limit) === 0) return "'limit' must be at least 1MiB";
      return wholeMebibytes(spike) >= wholeMebibytes(limit) ? "'spike_limit' must be smaller than 'limit'" : undefined;
    }
    if (percentage === 0) return 'either limit or limit_percentage must be set to greater than zero';
    if (percentage < 1 || percentage > 100 || spikePercentage < 1 || spikePercentage > 100)
      return 'limit_percentage and spike_limit_percentage must be greater than zero and at most 100';
    if (spikePercentage >= percentage) return "'spike_limit_percentage' must be smaller than 'limit_percentage'";
    return undefined;
  },
  build({ id, args, metrics, log }) {
    const watch = new MemoryWatch(args, processMemory, log);
    const counters = {
      traces: { accepted: metrics.acceptedSpans, refused: metrics.refusedSpans },
      metrics: { accepted: metrics.acceptedPoints, refused: metrics.refusedPoints },
      logs: { accepted: metrics.acceptedRecords, refused: metrics.refusedRecords },
    };
    const processor = `memory_limiter/${id}`;
    const consumer: Consumer<OtlpBatch> = {
      consume(batch, delivery) {
        const { kind, count } = batch;
        const to = outputFor(args.output, kind);
        metrics.incoming.with(processor, kind).inc(count);
        if (watch.isOver) {
          counters[kind].refused.with(processor).inc(count);
          throw new DeliveryError('data refused due to high memory usage', { retryable: true });
        }
        counters[kind].accepted.with(processor).inc(count);
        metrics.outgoing.with(processor, kind).inc(count);
        return to.consume(batch, delivery);
      },
    };
    return { exports: { input: consumer }, run: (signal) => watch.run(signal) };
  },
});
