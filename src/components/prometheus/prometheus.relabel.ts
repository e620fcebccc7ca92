import { sleep } from '../../base/sleep.ts';
import { component } from '../../component/component.ts';
import { counter, gauge } from '../../component/metrics.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { sampleCount, type SampleBatch } from '../../model/sample-batch.ts';
import type { SeriesTable } from '../../model/series-table.ts';
import { metrics as metricsSignal } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';
import { compileRules, exportedRules } from '../../schema/relabel-rules.ts';
import { forwardingMetrics } from '../../component/forwarding-metrics.ts';
import { checkRelabel, relabelFields, resultLimits } from './prometheus.relabel/fields.ts';
import { forEndedSeries, mapSeries } from './prometheus.relabel/map-series.ts';
import { RelabelledSeries } from './prometheus.relabel/relabelled-series.ts';

export const prometheusRelabel = component({
  name: 'prometheus.relabel',
  stability: 'generally-available',
  doc: `
Rewrites the labels of series by rules, and drops series by them. Samples, native histograms, exemplars and the marks
that series have ended all get the new labels. A series without any label left is dropped.

The rules run once for each series; the result is remembered until the series has ended, or five minutes after the last
source has forgotten it. \`max_cache_size\` and \`cache_ttl\` can make that less. A result takes eight bytes and, where
nothing else needs the new series, what the labels of that take. Names that rules make must be such as Prometheus had for
long; others are not made.`,
  example: `
prometheus.relabel "env" {
  rule {
    target_label = "env"
    replacement  = "prod"
  }

  forward_to = [prometheus.echo.out.receiver]
}

prometheus.echo "out" { }`,
  arguments: relabelFields,
  exports: {
    receiver: input('Takes the samples to relabel.', metricsSignal),
    rules: exportedRules('The rules, for components that take rules.'),
  },
  metrics: {
    processed: counter('alloy_prometheus_relabel_metrics_processed', 'Float samples that came in.'),
    written: counter('alloy_prometheus_relabel_metrics_written', 'Float samples that went on.'),
    hits: counter('alloy_prometheus_relabel_cache_hits', 'Samples for whose series the result was remembered.'),
    misses: counter('alloy_prometheus_relabel_cache_misses', 'Samples for whose series the rules ran.'),
    deletes: counter(
      'alloy_prometheus_relabel_cache_deletes',
      'Results that were forgotten since their series had ended, or to make room.',
    ),
    ttlEvictions: counter(
      'alloy_prometheus_relabel_cache_ttl_evictions',
      'Results that were forgotten since they were not used for `cache_ttl`.',
    ),
    cacheSize: gauge('alloy_prometheus_relabel_cache_size', 'Series whose result is remembered.'),
    dropped: counter(
      'millrace_relabel_samples_dropped_total',
      'Samples and histograms that did not go on: `rules` drop them, and of `series_limit` there was no room for the new series.',
      ['reason'],
    ),
    ...forwardingMetrics,
  },
  check: checkRelabel,
  build({ id, args, metrics }) {
    const rules = compileRules(args.rule);
    const limits = resultLimits(args);
    let table: SeriesTable | undefined;
    let results: RelabelledSeries | undefined;
    let isClosed = false;

    /** The results for a table, which is the same for all batches. */
    const resultsFor = (batch: SampleBatch): RelabelledSeries => {
      if (results !== undefined && table === batch.table) return results;
      results?.close();
      table = batch.table;
      results = new RelabelledSeries(table, rules, limits);
      return results;
    };
    const count = (known: RelabelledSeries): void => {
      metrics.hits.value = known.hits;
      metrics.misses.value = known.misses;
      metrics.deletes.value = known.deleted;
      metrics.ttlEvictions.value = known.expired;
      metrics.cacheSize.set(known.size);
    };
    const sent = (samples: number, start: number, isAccepted: boolean): void => {
      metrics.latency.observe((performance.now() - start) / 1000);
      if (isAccepted) metrics.forwarded.inc(samples);
    };
    const receiver: Consumer<SampleBatch> = {
      consume(batch, delivery) {
        if (isClosed) throw new DeliveryError(`${id} has exited`, { retryable: true });
        const known = resultsFor(batch);
        const { unplaced } = known;
        known.setTime(performance.now() / 1000);
        const relabelled = mapSeries(batch, (series) => known.resultOf(series));
        forEndedSeries(batch, (series) => known.end(series));
        count(known);
        const samples = relabelled === undefined ? 0 : sampleCount(relabelled);
        const notPlaced = known.unplaced - unplaced;
        metrics.processed.inc(batch.count);
        metrics.written.inc(relabelled?.count ?? 0);
        const lost = sampleCount(batch) - samples;
        metrics.dropped.with('rules').inc(lost - Math.min(lost, notPlaced));
        metrics.dropped.with('series_limit').inc(Math.min(lost, notPlaced));
        if (relabelled === undefined) return undefined;
        const start = performance.now();
        const accepted = args.forward_to.consume(relabelled, delivery);
        if (accepted === undefined) return sent(samples, start, true);
        return accepted.then(
          () => sent(samples, start, true),
          (error: unknown) => {
            sent(samples, start, false);
            throw error;
          },
        );
      },
    };
    return {
      exports: { receiver, rules },
      async run(signal) {
        while (!signal.aborted) {
          // Without a time to live that is never.
          await sleep((limits.ttlSeconds * 1000) / 4, signal);
          if (signal.aborted || results === undefined) continue;
          results.setTime(performance.now() / 1000);
          results.expire();
          count(results);
        }
      },
      async close() {
        isClosed = true;
        results?.close();
        results = undefined;
      },
    };
  },
});
