import { formatFloat } from '../../../base/go-printf/format-float.ts';
import { attributeTexts, type JsonAttribute } from './value-text.ts';

/** A metric in the JSON form of OTLP, in which integers of 64 bits are digits, and zeros are left out. */
export interface JsonMetric {
  readonly name?: string;
  readonly gauge?: JsonData;
  readonly sum?: JsonData;
  readonly histogram?: JsonData;
  readonly exponentialHistogram?: JsonData;
  readonly summary?: JsonData;
}

interface JsonData {
  readonly dataPoints?: readonly JsonPoint[];
}

type JsonDouble = number | string;

interface JsonBuckets {
  readonly offset?: number;
  readonly bucketCounts?: readonly string[];
}

/** A data point of any type. */
interface JsonPoint {
  readonly attributes?: readonly JsonAttribute[];
  readonly asInt?: string;
  readonly asDouble?: JsonDouble;
  readonly count?: string;
  readonly sum?: JsonDouble;
  readonly min?: JsonDouble;
  readonly max?: JsonDouble;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly JsonDouble[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly zeroThreshold?: JsonDouble;
  readonly positive?: JsonBuckets;
  readonly negative?: JsonBuckets;
  readonly quantileValues?: readonly { readonly quantile?: JsonDouble; readonly value?: JsonDouble }[];
}

/** The data points of a metric: `name{key=value,...}`, and what was measured. */
export function pointTexts(metric: JsonMetric): string[] {
  const { name = '', gauge, sum, histogram, exponentialHistogram: exponential, summary } = metric;
  const texts = (data: JsonData | undefined, measured: (point: JsonPoint) => readonly string[]): string[] =>
    data?.dataPoints?.map(
      (point) => `${name}{${attributeTexts(point.attributes).join(',')}} ${measured(point).join(' ')}`,
    ) ?? [];
  return [
    ...texts(gauge ?? sum, numberOf),
    ...texts(histogram, histogramOf),
    ...texts(exponential, exponentialOf),
    ...texts(summary, summaryOf),
  ];
}

function numberOf({ asInt, asDouble }: JsonPoint): string[] {
  return [asInt ?? (asDouble === undefined ? '' : text(asDouble))];
}

function histogramOf(point: JsonPoint): string[] {
  const bounds = point.explicitBounds ?? [];
  const buckets = (point.bucketCounts ?? []).map((count, index) => {
    const bound = bounds[index];
    return bound === undefined ? count : `le${text(bound)}=${count}`;
  });
  return [...distributionOf(point), ...buckets];
}

function exponentialOf(point: JsonPoint): string[] {
  const { scale = 0, zeroCount = '0', zeroThreshold = 0, positive, negative } = point;
  const base = 2 ** (2 ** -scale);
  const buckets = ({ offset = 0, bucketCounts = [] }: JsonBuckets = {}): string[] =>
    bucketCounts.map((count, index) => `le${text(base ** (offset + index))}=${count}`);
  const zeros = zeroCount === '0' ? [] : [`zero_count${text(zeroThreshold)}=${zeroCount}`];
  return [...distributionOf(point), ...buckets(negative), ...buckets(positive), ...zeros];
}

function summaryOf({ count = '0', sum = 0, quantileValues = [] }: JsonPoint): string[] {
  const quantiles = quantileValues.map(({ quantile = 0, value = 0 }) => `q${text(quantile)}=${text(value)}`);
  return [`count=${count}`, `sum=${formatFloat(Number(sum), 'f', 6)}`, ...quantiles];
}

function distributionOf({ count = '0', sum, min, max }: JsonPoint): string[] {
  const facts = Object.entries({ sum, min, max });
  return [`count=${count}`, ...facts.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${text(value)}`))];
}

function text(value: JsonDouble): string {
  return formatFloat(Number(value), 'g');
}
