import { metricType, type MetricType } from '../../model/metric-family.ts';

/** The types of the format, by their numbers. */
export const familyTypes = [
  metricType.counter, metricType.gauge, metricType.summary, metricType.unknown, metricType.histogram,
  metricType.gaugehistogram,
] as const; // prettier-ignore

/** The field of a metric with the value of each type. */
export const valueFields: { readonly [T in MetricType]: number } = {
  [metricType.gauge]: 2,
  [metricType.counter]: 3,
  [metricType.summary]: 4,
  [metricType.unknown]: 5,
  [metricType.histogram]: 7,
  [metricType.gaugehistogram]: 7,
  [metricType.info]: 0,
  [metricType.stateset]: 0,
};
