import { GenerationCache } from '../../base/generation-cache.ts';
import { component } from '../../component/component.ts';
import { counter, gauge } from '../../component/metrics.ts';
import type { Consumer } from '../../flow/delivery.ts';
import type { Labels } from '../../model/labels.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { mapStreams } from '../../model/log-streams.ts';
import { relabel } from '../../model/relabel.ts';
import { logs } from '../../model/signal.ts';
import { integer } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { output } from '../../schema/receiver.ts';
import { compileRules, exportedRules, ruleBlocks } from '../../schema/relabel-rules.ts';

/** The result of the rules for label sets that were seen; null where they drop the entry. */
type Results = GenerationCache<Labels, Labels | 'dropped'>;

export const lokiRelabel = component({
  name: 'loki.relabel',
  stability: 'generally-available',
  doc: `
Rewrites the labels of log entries by rules, and drops entries by them. An entry without any label left is dropped.
Lines are not looked at. The rules run once for each label set.`,
  example: `
loki.relabel "app" {
  rule {
    source_labels = ["service"]
    target_label  = "app"
  }

  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    forward_to: output('Where relabelled entries go.', logs),
    max_cache_size: integer('The number of label sets whose result is remembered.')
      .default(10_000)
      .check((size) => (size > 0 ? undefined : 'must be greater than 0')),
    rule: ruleBlocks,
  },
  exports: {
    receiver: input('Takes the entries to relabel.', logs),
    rules: exportedRules('The rules, for sources that take rules.'),
  },
  metrics: {
    processed: counter('loki_relabel_entries_processed', 'Entries that came in.'),
    written: counter('loki_relabel_entries_written', 'Entries that went on.'),
    hits: counter('loki_relabel_cache_hits', 'Label sets whose result was remembered.'),
    misses: counter('loki_relabel_cache_misses', 'Label sets for which the rules ran.'),
    cacheSize: gauge('loki_relabel_cache_size', 'Label sets whose result is remembered.'),
  },
  build({ args, metrics }) {
    const rules = compileRules(args.rule);
    const results: Results = new GenerationCache(args.max_cache_size);
    const resultOf = (labels: Labels): Labels | undefined => {
      let result = results.get(labels);
      if (result === undefined) {
        metrics.misses.inc();
        const relabelled = relabel(labels, rules, 'legacy');
        result = relabelled === undefined || relabelled.size === 0 ? 'dropped' : relabelled;
        results.set(labels, result);
      } else {
        metrics.hits.inc();
      }
      return result === 'dropped' ? undefined : result;
    };
    const receiver: Consumer<LogBatch> = {
      consume(batch, delivery) {
        metrics.processed.inc(batch.count);
        const relabelled = mapStreams(batch, resultOf);
        metrics.cacheSize.set(results.size);
        if (relabelled === undefined) return undefined;
        metrics.written.inc(relabelled.count);
        return args.forward_to.consume(relabelled, delivery);
      },
    };
    return { exports: { receiver, rules } };
  },
});
