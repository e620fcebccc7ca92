import { counter, gauge, openMetrics, type MetricFamily } from '../../component/metrics.ts';
import { pathLabels } from '../../runtime/module-metrics.ts';
import { countHealth, exposedModulesOf } from '../../runtime/inspect.ts';
import type { InnerModule } from '../../runtime/node.ts';

export const graphMetrics = {
  running: gauge('alloy_component_controller_running_components', 'Components and imports by their health.', [
    'health_type',
  ]),
  connection: gauge('alloy_component_graph_connection', 'A reference of one block to another. The value is always 1.', [
    'from',
    'to',
  ]),
};

const edgeLabels = ['from', 'to', 'input', 'signal'] as const;

/** Everything that is offered is accepted or refused, and everything accepted is delivered or fails in the end. */
export const edgeMetrics = {
  offered: counter('millrace_edge_offered_items_total', 'Items that one component gave to another.', edgeLabels),
  accepted: counter('millrace_edge_accepted_items_total', 'Items that were taken.', edgeLabels),
  refused: counter(
    'millrace_edge_refused_items_total',
    'Items that were not taken; they may be sent again.',
    edgeLabels,
  ),
  delivered: counter(
    'millrace_edge_delivered_items_total',
    'Items that were taken and got to their end, or were dropped on purpose.',
    edgeLabels,
  ),
  failed: counter('millrace_edge_failed_items_total', 'Items that were taken and lost on the way.', edgeLabels),
  batches: counter('millrace_edge_batches_total', 'Batches that the items were in.', edgeLabels),
  seconds: counter(
    'millrace_edge_delivery_seconds_total',
    'Time from offer to delivery, summed up over batches.',
    edgeLabels,
  ),
};

/** All metrics of a configuration that runs: those of components, of modules, and of what flows between components. */
export function describeRuntime(root: InnerModule): readonly MetricFamily[] {
  return [...exposedModulesOf(root)].flatMap((module) => [
    ...module.collect(),
    ...describeGraph(module),
    ...describeEdges(module),
    ...module.nodes().flatMap(({ node }) => node.collect?.() ?? []),
  ]);
}

function describeGraph(module: InnerModule): readonly MetricFamily[] {
  const metrics = openMetrics(graphMetrics, pathLabels('controller', module.id));
  const { meters } = metrics;
  for (const [state, count] of countHealth(module)) meters.running.with(state).set(count);
  for (const { node, dependencies } of module.nodes())
    for (const dependency of dependencies) meters.connection.with(node.id, dependency).set(1);
  return metrics.collect();
}

function describeEdges(module: InnerModule): readonly MetricFamily[] {
  const metrics = openMetrics(edgeMetrics);
  const { meters } = metrics;
  for (const { from, to, counts } of module.nodes().flatMap(({ node }) => node.edges?.() ?? [])) {
    const labels = [from, to.owner, to.field, to.signal.name] as const;
    meters.offered.with(...labels).inc(counts.offered);
    meters.accepted.with(...labels).inc(counts.accepted);
    meters.refused.with(...labels).inc(counts.refused);
    meters.delivered.with(...labels).inc(counts.delivered);
    meters.failed.with(...labels).inc(counts.failed);
    meters.batches.with(...labels).inc(counts.batches);
    meters.seconds.with(...labels).inc(counts.deliverySeconds);
  }
  return metrics.collect();
}
