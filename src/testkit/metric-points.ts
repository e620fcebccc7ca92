import type { OtlpBatch } from '../model/otlp-batch.ts';
import { readOtlpBatch } from './otlp-reference.ts';

/** A data point as tests look at it: the fields that its kind has, with attributes as an object and times in milliseconds. */
export interface TestPoint {
  readonly metric: string;
  readonly unit: string;
  readonly kind: 'sum' | 'histogram' | 'exponentialHistogram' | 'gauge' | 'summary';
  readonly temporality: number;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly start: number;
  readonly time: number;
  /** Of a sum or gauge. */
  readonly value: number;
  /** Of a histogram. */
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly number[];
  readonly bounds: readonly number[];
  readonly scale: number;
  readonly offset: number;
  readonly zeroCount: number;
  readonly exemplars: readonly TestExemplar[];
}

export interface TestExemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  readonly time: number;
}

interface RawPair {
  readonly key?: string;
  readonly value?: Readonly<Record<string, unknown>>;
}

interface RawPoint extends Readonly<Record<string, unknown>> {
  readonly attributes?: readonly RawPair[];
  readonly positive?: { readonly offset?: number; readonly bucketCounts?: readonly string[] };
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly exemplars?: readonly { traceId?: Buffer; spanId?: Buffer; asDouble?: number; timeUnixNano?: string }[];
}

interface RawMetric extends Readonly<Record<string, unknown>> {
  readonly name?: string;
  readonly unit?: string;
}

interface RawRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: readonly RawPair[] };
    readonly scopeMetrics?: readonly { readonly metrics?: readonly RawMetric[] }[];
  }[];
}

const kinds = ['sum', 'histogram', 'exponentialHistogram', 'gauge', 'summary'] as const;

/** All data points of a batch of metrics, as the reference reads them. */
export function metricPoints(batch: OtlpBatch): TestPoint[] {
  const { resourceMetrics = [] } = readOtlpBatch(batch) as RawRequest;
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.flatMap((metric) => pointsOf(metric, objectOf(resource?.attributes))),
    ),
  );
}

function pointsOf(metric: RawMetric, resource: TestPoint['resource']): TestPoint[] {
  const kind = kinds.find((candidate) => metric[candidate] !== undefined) ?? 'gauge';
  const { dataPoints = [], aggregationTemporality = 0 } = metric[kind] as {
    dataPoints?: readonly RawPoint[];
    aggregationTemporality?: number;
  };
  return dataPoints.map((point) => ({
    metric: metric.name ?? '',
    unit: metric.unit ?? '',
    kind,
    temporality: aggregationTemporality,
    resource,
    attributes: objectOf(point.attributes),
    start: Number(point['startTimeUnixNano'] ?? 0) / 1e6,
    time: Number(point['timeUnixNano'] ?? 0) / 1e6,
    value: Number(point['asInt'] ?? point['asDouble'] ?? 0),
    count: Number(point['count'] ?? 0),
    sum: Number(point['sum'] ?? 0),
    buckets: (point.positive?.bucketCounts ?? point.bucketCounts ?? []).map(Number),
    bounds: point.explicitBounds ?? [],
    scale: Number(point['scale'] ?? 0),
    offset: point.positive?.offset ?? 0,
    zeroCount: Number(point['zeroCount'] ?? 0),
    exemplars: (point.exemplars ?? []).map(({ traceId, spanId, asDouble, timeUnixNano = 0 }) => ({
      traceId: traceId?.toString('hex') ?? '',
      spanId: spanId?.toString('hex') ?? '',
      value: asDouble ?? 0,
      time: Number(timeUnixNano) / 1e6,
    })),
  }));
}

/** Attributes as an object; a key that is there twice fails, since no series may have such. */
function objectOf(pairs: readonly RawPair[] = []): Record<string, unknown> {
  const entries = pairs.map(({ key = '', value = {} }): [string, unknown] => [key, Object.values(value)[0]]);
  const object = Object.fromEntries(entries);
  if (Object.keys(object).length !== entries.length)
    throw new Error(`attributes repeat a key: ${JSON.stringify(pairs)}`);
  return object;
}
