import { component } from '../../component/component.ts';
import { relabel } from '../../model/relabel.ts';
import { compileRules, exportedRules, ruleBlocks } from '../../schema/relabel-rules.ts';
import { exportedTargets, targets } from '../../schema/targets.ts';

export const discoveryRelabel = component({
  name: 'discovery.relabel',
  stability: 'generally-available',
  doc: `
Rewrites the labels of targets by rules, and drops targets. Labels that begin with two underscores are kept; whoever
uses the targets removes them. A label with an empty value counts as one that is not there.`,
  example: `
discovery.relabel "pods" {
  targets = [{"__meta_pod" = "web-1", "__address__" = "10.0.0.7:8080"}]

  rule {
    source_labels = ["__meta_pod"]
    target_label  = "pod"
  }
}`,
  arguments: {
    targets: targets('The targets to relabel.'),
    rule: ruleBlocks,
  },
  exports: {
    output: exportedTargets('The targets that were not dropped, with their new labels.'),
    rules: exportedRules('The rules, for components that take rules.'),
  },
  metrics: {},
  build({ args }) {
    const rules = compileRules(args.rule);
    const output = args.targets
      .map((target) => relabel(target, rules, 'utf8'))
      .filter((labels) => labels !== undefined);
    return { exports: { output, rules } };
  },
});
