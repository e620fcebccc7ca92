/** What a metric is; the numbers are those of remote write. */
export const metricType = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
} as const;

export type MetricType = (typeof metricType)[keyof typeof metricType];

/** The names of types, by number. */
export const metricTypeNames = Object.keys(metricType) as readonly (keyof typeof metricType)[];

/** What is known of the metrics with one name. Immutable; shared by all batches that tell of it. */
export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

const suffixes: { readonly [T in MetricType]: readonly string[] } = {
  [metricType.unknown]: [],
  [metricType.counter]: ['_total', '_created'],
  [metricType.gauge]: [],
  [metricType.histogram]: ['_bucket', '_sum', '_count', '_created'],
  [metricType.gaugehistogram]: ['_bucket', '_gsum', '_gcount', '_sum', '_count'],
  [metricType.summary]: ['_sum', '_count', '_created'],
  [metricType.info]: ['_info'],
  [metricType.stateset]: [],
};

/** Whether a series with that name is of the family: it has the name of the family, or that and a suffix of its type. */
export function isOfFamily(family: MetricFamily, name: string): boolean {
  if (!name.startsWith(family.name)) return false;
  return name.length === family.name.length || suffixes[family.type].includes(name.slice(family.name.length));
}
