import type { Milliseconds } from '../../../base/duration.ts';
import type { MetricIdentity } from '../../../formats/otlp/metric-writer.ts';
import type { HistogramShape } from '../metric-series/histogram-column.ts';
import { DimensionSet } from './dimension-set.ts';
import { inUnit, spanAttributes, type SpanMetricsArguments } from './fields.ts';

/** Series of spans or events with the same dimensions, which are found by one key. */
export interface SeriesSet {
  readonly dimensions: DimensionSet;
  readonly ofEvents: boolean;
  /** The metric of their counts, and that of durations; undefined if another set has it, or none. */
  readonly counts: MetricIdentity | undefined;
  readonly durations: MetricIdentity | undefined;
  readonly histograms: readonly HistogramShape[];
}

/** What series there are. Where it changes, those that are there end. */
export interface SpanMetricsShape {
  readonly sets: readonly SeriesSet[];
  readonly isDelta: boolean;
  /** How many nanoseconds the unit of durations has. */
  readonly unitNanos: number;
  /** Which attributes of spans series have. */
  readonly has: Readonly<Record<keyof typeof spanAttributes, boolean>>;
  /** Names of scopes that series have. */
  readonly scopes: readonly string[];
  /** What series tell of the collector; undefined for nothing. */
  readonly instanceId: string | undefined;
  /** Attributes by which resources are told apart; empty for all. */
  readonly resourceKeys: readonly string[];
  readonly seriesLimit: number;
}

/** What may change while series stay. */
export interface SpanMetricsLimits {
  readonly resources: number;
  readonly exemplars: number;
  readonly resourceExpiration: Milliseconds;
  readonly seriesExpiration: Milliseconds;
  /** With deltas: how many series are remembered. */
  readonly rememberedSeries: number;
}

/** `instanceId` tells this collector from others. */
export function shapeOf(args: SpanMetricsArguments, instanceId: string): SpanMetricsShape {
  const { unit, disable, explicit, exponential } = args.histogram;
  const histogram: HistogramShape =
    exponential === undefined
      ? { kind: 'explicit', bounds: (explicit?.buckets ?? []).map((bound) => inUnit(bound, unit)) }
      : { kind: 'exponential', maxSize: exponential.max_size };
  const isExcluded = (name: string): boolean => args.exclude_dimensions.includes(name);
  const taken = [
    ...Object.values(spanAttributes).filter((name) => !isExcluded(name)),
    'collector.instance.id',
    'span.instrumentation.scope.name',
    'span.instrumentation.scope.version',
  ];
  const identity = (name: string, unitName: string): MetricIdentity => ({
    name: args.namespace === '' ? name : `${args.namespace}.${name}`,
    description: '',
    unit: unitName,
  });
  const calls = { dimensions: new DimensionSet([...args.dimension, ...args.calls_dimension], taken) };
  const durations = { dimensions: new DimensionSet([...args.dimension, ...args.histogram.dimension], taken) };
  const events = { dimensions: new DimensionSet([...args.dimension, ...args.events.dimension], taken) };
  const ofSpans = { ofEvents: false, counts: identity('calls', ''), durations: identity('duration', unit) };
  const none = { counts: undefined, durations: undefined, histograms: [] };
  const sets: SeriesSet[] = [];
  if (disable) sets.push({ ...calls, ...ofSpans, ...none, counts: ofSpans.counts });
  else if (args.calls_dimension.length === 0 && args.histogram.dimension.length === 0) {
    sets.push({ ...calls, ...ofSpans, histograms: [histogram] });
  } else {
    sets.push({ ...calls, ...ofSpans, ...none, counts: ofSpans.counts });
    sets.push({ ...durations, ...ofSpans, counts: undefined, histograms: [histogram] });
  }
  if (args.events.enabled) sets.push({ ...events, ...none, ofEvents: true, counts: identity('events', '') });
  return {
    sets,
    isDelta: args.aggregation_temporality === 'DELTA',
    unitNanos: unit === 'ms' ? 1e6 : 1e9,
    has: {
      serviceName: !isExcluded(spanAttributes.serviceName),
      spanName: !isExcluded(spanAttributes.spanName),
      spanKind: !isExcluded(spanAttributes.spanKind),
      statusCode: !isExcluded(spanAttributes.statusCode),
    },
    scopes: args.include_instrumentation_scope,
    instanceId: args.include_collector_instance_id && !isExcluded('collector.instance.id') ? instanceId : undefined,
    resourceKeys: args.resource_metrics_key_attributes,
    seriesLimit: args.aggregation_cardinality_limit === 0 ? Infinity : args.aggregation_cardinality_limit,
  };
}

export function limitsOf(args: SpanMetricsArguments): SpanMetricsLimits {
  return {
    resources: args.resource_metrics_cache_size,
    exemplars: args.exemplars.enabled ? Math.max(0, args.exemplars.max_per_data_point) : 0,
    resourceExpiration: args.metrics_expiration,
    seriesExpiration: args.series_expiration,
    rememberedSeries: args.metric_timestamp_cache_size,
  };
}

/** Text that is the same for arguments that make the same shape. */
export function shapeText(args: SpanMetricsArguments): string {
  const dimensions = [args.dimension, args.calls_dimension, args.histogram.dimension, args.events.dimension];
  return JSON.stringify([
    dimensions.map((list) => list.map(({ name, glob, default: fallback }) => [name, glob?.source, fallback])),
    { ...args.histogram, dimension: undefined },
    args.events.enabled,
    args.exclude_dimensions,
    args.aggregation_temporality,
    args.aggregation_cardinality_limit,
    args.namespace,
    args.resource_metrics_key_attributes,
    args.include_instrumentation_scope,
    args.include_collector_instance_id,
  ]);
}
