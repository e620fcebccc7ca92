import { GenerationCache } from '../../base/generation-cache.ts';
import { component } from '../../component/component.ts';
import type { Consumer } from '../../flow/delivery.ts';
import { Labels } from '../../model/labels.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { mapStreams } from '../../model/log-streams.ts';
import { logs } from '../../model/signal.ts';
import { list, string } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { output } from '../../schema/receiver.ts';
import { targets } from '../../schema/targets.ts';
import { stringType } from '../../schema/types.ts';

/** Label sets whose result is remembered. */
const maxRemembered = 10_000;

export const lokiEnrich = component({
  name: 'loki.enrich',
  stability: 'experimental',
  doc: `
Adds labels of discovered targets to log entries: an entry belongs to the target where a label of both has the same
value. Entries without a target pass unchanged. Of several targets with one value the last counts.`,
  example: `
discovery.file "hosts" {
  files = ["/etc/hosts.d/*.yaml"]
}

loki.enrich "hosts" {
  targets            = discovery.file.hosts.targets
  target_match_label = "hostname"
  logs_match_label   = "host"
  labels_to_copy     = ["datacenter", "rack"]
  forward_to         = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    targets: targets('The targets whose labels are copied.'),
    target_match_label: string('The label of targets to compare.'),
    logs_match_label: string('The label of entries to compare with it; `target_match_label` if empty.').default(''),
    labels_to_copy: list(
      'The labels to copy, which replace labels of entries. All labels of the target if there are none.',
      stringType,
    ).default([]),
    forward_to: output('Where entries go.', logs),
  },
  exports: {
    receiver: input('Takes the entries to enrich.', logs),
  },
  metrics: {},
  build({ args }) {
    const { target_match_label: targetLabel, labels_to_copy: names } = args;
    const logsLabel = args.logs_match_label === '' ? targetLabel : args.logs_match_label;
    const additions = new Map<string, Labels>();
    for (const target of args.targets) {
      const value = target.get(targetLabel) ?? '';
      if (value !== '')
        additions.set(value, names.length === 0 ? target : target.filter((name) => names.includes(name)));
    }
    const results = new GenerationCache<Labels, Labels>(maxRemembered);
    const enriched = (labels: Labels): Labels => {
      const added = additions.get(labels.get(logsLabel) ?? '');
      if (added === undefined) return labels;
      let result = results.get(labels);
      if (result === undefined) {
        result = Labels.from([...labels, ...added]);
        results.set(labels, result);
      }
      return result;
    };
    const receiver: Consumer<LogBatch> = {
      consume: (batch, delivery) => args.forward_to.consume(mapStreams(batch, enriched) ?? batch, delivery),
    };
    return { exports: { receiver } };
  },
});
