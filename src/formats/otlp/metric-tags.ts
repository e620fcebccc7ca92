/*
 * The fields of a metrics request as tags, called as those of the protocol are; those of points differ from kind to kind.
 */

export const request = { resourceMetrics: 0x0a };
export const resourceTag = { resource: 0x0a, scopeMetrics: 0x12, schemaUrl: 0x1a };
export const scopeTag = { scope: 0x0a, metrics: 0x12, name: 0x0a, version: 0x12 };
export const metricTag = {
  name: 0x0a,
  description: 0x12,
  unit: 0x1a,
  gauge: 0x2a,
  sum: 0x3a,
  histogram: 0x4a,
  exponentialHistogram: 0x52,
  summary: 0x5a,
  metadata: 0x62,
};
export const dataTag = { points: 0x0a, temporality: 0x10, isMonotonic: 0x18 };
export const times = { start: 0x11, time: 0x19 };
export const numberTag = { ...times, double: 0x21, exemplars: 0x2a, integer: 0x31, attributes: 0x3a, flags: 0x40 };
export const histogramTag = {
  ...times,
  count: 0x21,
  sum: 0x29,
  buckets: 0x32,
  bounds: 0x3a,
  exemplars: 0x42,
  attributes: 0x4a,
  flags: 0x50,
  min: 0x59,
  max: 0x61,
};
export const exponentialTag = {
  ...times,
  attributes: 0x0a,
  count: 0x21,
  sum: 0x29,
  scale: 0x30,
  zeroCount: 0x39,
  positive: 0x42,
  negative: 0x4a,
  flags: 0x50,
  exemplars: 0x5a,
  min: 0x61,
  max: 0x69,
  zeroThreshold: 0x71,
};
export const bucketsTag = { offset: 0x08, counts: 0x12 };
export const summaryTag = { ...times, count: 0x21, sum: 0x29, quantiles: 0x32, attributes: 0x3a, flags: 0x40 };
export const quantileTag = { quantile: 0x09, value: 0x11 };
export const exemplarTag = { time: 0x11, double: 0x19, spanId: 0x22, traceId: 0x2a, attributes: 0x3a };
