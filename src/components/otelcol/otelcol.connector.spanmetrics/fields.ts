import type { Milliseconds } from '../../../base/duration.ts';
import { bool, duration, integer, list, oneOf, string, attribute } from '../../../schema/attributes.ts';
import { block, blocks } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { durationType, parsedType, stringType } from '../../../schema/types.ts';
import { debugMetricsBlock } from '../debug-metrics-block.ts';
import { checkBuckets, latencyBuckets } from '../metric-series/latency-buckets.ts';
import { outputBlock } from '../output-block.ts';
import { parseGlob } from './attribute-glob.ts';

/** The attributes that each series has unless they are excluded. */
export const spanAttributes = {
  serviceName: 'service.name',
  spanName: 'span.name',
  spanKind: 'span.kind',
  statusCode: 'status.code',
} as const;

const isPositive = (value: number): string | undefined => (value > 0 ? undefined : 'must be greater than 0');
const isNotNegative = (value: number): string | undefined => (value < 0 ? 'must not be negative' : undefined);

const globType = parsedType({
  name: 'glob',
  parse: parseGlob,
  encode: (pattern) => pattern.source,
});

const dimensionFields = {
  name: string('The name of the attribute: of the span or, where it has none, of its resource.').default(''),
  glob: attribute(
    'A pattern for names instead: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`. Every attribute that matches becomes one of the series.',
    globType,
  ).optional(),
  default: string(
    'The value where there is no such attribute; without it, the series has none. Not with `glob`.',
  ).optional(),
};

type DimensionArguments = ArgumentsOf<typeof dimensionFields>;

function checkDimension({ name, glob, default: fallback }: DimensionArguments): string | undefined {
  if (name !== '' && glob !== undefined) return 'must set only one of `name` or `glob`';
  if (name === '' && glob === undefined) return 'must set one of `name` or `glob`';
  if (glob !== undefined && fallback !== undefined) return '`default` is not supported on `glob` dimension';
  return undefined;
}

function dimensions(doc: string) {
  return blocks(doc, dimensionFields).check(checkDimension);
}

export const spanMetricsFields = {
  dimension: dimensions('An attribute that series have, in addition to those of each span.'),
  calls_dimension: dimensions('The same, only for the metric `calls`.'),
  histogram: block('How durations are counted.', {
    disable: bool('Whether there is no metric `duration`.').default(false),
    unit: oneOf('The unit of durations.', 'ms', 's').default('ms'),
    dimension: dimensions('An attribute that series of `duration` have in addition.'),
    explicit: block('Counts by given bounds.', {
      buckets: list('The upper bounds, in ascending order.', durationType).default(latencyBuckets).check(checkBuckets),
    }).optional(),
    exponential: block('Counts by buckets that adapt to the values, which become native histograms in Prometheus.', {
      max_size: integer('The largest number of buckets.').default(160).check(isPositive),
    }).optional(),
  }).check(({ explicit, exponential }) => {
    if (explicit !== undefined && exponential !== undefined)
      return 'only one of exponential or explicit histogram configuration can be specified';
    if (explicit === undefined && exponential === undefined)
      return 'either exponential or explicit histogram configuration must be specified';
    return undefined;
  }),
  exclude_dimensions: list(
    `Which of ${Object.values(spanAttributes)
      .map((name) => `\`${name}\``)
      .join(', ')} series do not have.`,
    stringType,
  ).default([]),
  exemplars: block('Spans that are told as examples.', {
    enabled: bool('Whether there are any.').default(false),
    max_per_data_point: integer('How many a data point has at most.').default(5),
  }).defaults(),
  events: block('Counts the events of spans in the metric `events`.', {
    enabled: bool('Whether they are counted.').default(false),
    dimension: dimensions('An attribute of the event that its series has, or of its span or resource.'),
  })
    .defaults()
    .check(({ enabled, dimension }) =>
      enabled && dimension.length === 0 ? 'must have a `dimension` when events are enabled' : undefined,
    ),
  metrics_flush_interval: duration('How often metrics are sent.').default(60_000).check(isPositive),
  metrics_expiration: duration('How long the metrics of a resource without spans are kept; 0 for ever.')
    .default(0)
    .check(isNotNegative),
  series_expiration: duration('The same for each series.').default(0).check(isNotNegative),
  aggregation_temporality: oneOf(
    'Whether metrics tell the totals, or what was new since the last ones.',
    'CUMULATIVE',
    'DELTA',
  ).default('CUMULATIVE'),
  aggregation_cardinality_limit: integer(
    'How many series a metric of a resource may have, with `DELTA` in each request; what is beyond is counted in one with the attribute `otel.metric.overflow`. 0 for no such limit.',
  )
    .default(0)
    .check(isNotNegative),
  namespace: string('What the names of metrics begin with, before a dot; empty for nothing.').default(
    'traces.span.metrics',
  ),
  resource_metrics_cache_size: integer(
    'How many resources are kept; the one without spans for the longest time gives way.',
  )
    .default(1000)
    .check(isPositive),
  resource_metrics_key_attributes: list(
    'The attributes by which resources are told apart; those of the first one are sent. Empty for all of them.',
    stringType,
  ).default([]),
  metric_timestamp_cache_size: integer(
    'With `DELTA`: of how many series the time of their last data point is remembered, where the next one begins.',
  ).default(1000),
  include_instrumentation_scope: list(
    'The scopes whose name and version series have as `span.instrumentation.scope.name` and `.version`.',
    stringType,
  ).default([]),
  include_collector_instance_id: bool(
    'Whether series have `collector.instance.id`, the ID of the installation, so that those of several collectors differ. Alloy makes a random one at each start.',
  ).default(false),
  dimensions_cache_size: integer('Without effect, as in Alloy.').default(0),
  output: outputBlock('Where metrics go. Logs and traces get nothing.'),
  debug_metrics: debugMetricsBlock,
};

export type SpanMetricsArguments = ArgumentsOf<typeof spanMetricsFields>;

/** What is wrong with the arguments together. */
export function checkSpanMetrics(args: SpanMetricsArguments): string | undefined {
  const names = new Set<string>(Object.values(spanAttributes));
  for (const { name } of args.dimension) {
    if (name === '') continue;
    if (names.has(name)) return `duplicate dimension name ${JSON.stringify(name)}`;
    names.add(name);
  }
  if (args.aggregation_temporality === 'DELTA' && args.metric_timestamp_cache_size <= 0) {
    return `invalid delta timestamp cache size: ${args.metric_timestamp_cache_size}, must be greater than 0`;
  }
  if (args.output.metrics === undefined) return '`output` must have receivers for metrics';
  return undefined;
}

/** A bound in the unit of durations. */
export function inUnit(bound: Milliseconds, unit: 'ms' | 's'): number {
  return unit === 'ms' ? bound : bound / 1000;
}
