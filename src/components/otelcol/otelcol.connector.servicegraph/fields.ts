import { bool, duration, integer, list } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { durationType, stringType } from '../../../schema/types.ts';
import { debugMetricsBlock } from '../debug-metrics-block.ts';
import { checkBuckets, latencyBuckets } from '../metric-series/latency-buckets.ts';
import { outputBlock } from '../output-block.ts';

const isPositive = (value: number): string | undefined => (value > 0 ? undefined : 'must be greater than 0');
const isNotNegative = (value: number): string | undefined => (value < 0 ? 'must not be negative' : undefined);

export const serviceGraphFields = {
  latency_histogram_buckets: list('The upper bounds by which latencies are counted, in ascending order.', durationType)
    .default(latencyBuckets)
    .check(checkBuckets),
  exponential_histogram_max_size: integer(
    'The largest number of buckets that adapt to the values, instead of given bounds; 0 for given bounds.',
  )
    .default(0)
    .check(isNotNegative),
  dimensions: list(
    'Attributes of the resource or the span of each side that edges have, as `client_<name>` and `server_<name>`.',
    stringType,
  ).default([]),
  store: block('The spans that wait for the span of the other side.', {
    max_items: integer('How many wait at most. Further ones are dropped and counted.').default(1000).check(isPositive),
    ttl: duration('How long they wait.').default(2000).check(isPositive),
  }).defaults(),
  cache_loop: duration('How often edges that had no spans for 15 minutes are looked for, and ended.')
    .default(60_000)
    .check(isPositive),
  store_expiration_loop: duration('How often spans that waited too long are looked for.')
    .default(2000)
    .check(isPositive),
  metrics_flush_interval: duration('How often metrics are sent; 0 for whenever there are new edges.')
    .default(60_000)
    .check(isNotNegative),
  virtual_node_peer_attributes: list(
    'Attributes of a client span that name the server where that sends no spans; the first that is there counts. Empty for no such edges.',
    stringType,
  ).default(['peer.service', 'db.name', 'db.system']),
  virtual_node_extra_label: bool(
    'Whether edges have the attribute `virtual_node`, which tells which side sent no spans: `client`, `server` or neither.',
  ).default(false),
  database_name_attributes: list(
    'Attributes of a client span or its resource that name a database, which sends no spans; the first that is there counts.',
    stringType,
  ).default(['db.name']),
  output: outputBlock('Where metrics go. Logs and traces get nothing.'),
  debug_metrics: debugMetricsBlock,
};

export type ServiceGraphArguments = ArgumentsOf<typeof serviceGraphFields>;

/** What is wrong with the arguments together. */
export function checkServiceGraph({ output }: ServiceGraphArguments): string | undefined {
  return output.metrics === undefined ? '`output` must have receivers for metrics' : undefined;
}
