import { metricType, type MetricType } from '../../../model/metric-family.ts';
import { newPoint, type Point } from './point.ts';
import type { SeriesInfo } from './series-info.ts';

/** What a metric becomes. */
export type MetricKind = 'gauge' | 'counter' | 'sum' | 'histogram' | 'summary' | 'exponential';

export interface MetricGroup {
  readonly kind: MetricKind;
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
  /** By their attributes and time. */
  readonly points: Map<string, Point>;
}

export interface ScopeGroup {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  /** What `otel_scope_info` says. */
  readonly attributes: Map<string, string>;
  readonly metrics: Map<string, MetricGroup>;
  /** What `_created` series say: when counting began, by metric and attributes. */
  readonly created: Map<string, number>;
}

export interface ResourceGroup {
  readonly job: string;
  readonly instance: string;
  /** What `target_info` says. */
  readonly info: Map<string, string>;
  readonly scopes: Map<string, ScopeGroup>;
}

/** What metrics become whose points have one number. */
const numberKinds: Readonly<Record<MetricType, MetricKind>> = {
  [metricType.unknown]: 'gauge',
  [metricType.counter]: 'counter',
  [metricType.gauge]: 'gauge',
  [metricType.histogram]: 'gauge',
  [metricType.gaugehistogram]: 'gauge',
  [metricType.summary]: 'gauge',
  [metricType.info]: 'sum',
  [metricType.stateset]: 'sum',
};

export function kindOf({ role: { part, type } }: SeriesInfo): MetricKind {
  if (part === 'value') return numberKinds[type];
  return type === metricType.summary ? 'summary' : 'histogram';
}

export function resourceIn(resources: Map<string, ResourceGroup>, { labels, resourceKey }: SeriesInfo): ResourceGroup {
  let resource = resources.get(resourceKey);
  if (resource === undefined) {
    resource = {
      job: labels.get('job') ?? '',
      instance: labels.get('instance') ?? '',
      info: new Map(),
      scopes: new Map(),
    };
    resources.set(resourceKey, resource);
  }
  return resource;
}

export function scopeIn({ scopes }: ResourceGroup, { labels, scopeKey }: SeriesInfo): ScopeGroup {
  let scope = scopes.get(scopeKey);
  if (scope === undefined) {
    scope = {
      name: labels.get('otel_scope_name') ?? '',
      version: labels.get('otel_scope_version') ?? '',
      schemaUrl: labels.get('otel_scope_schema_url') ?? '',
      attributes: new Map(),
      metrics: new Map(),
      created: new Map(),
    };
    scopes.set(scopeKey, scope);
  }
  return scope;
}

/** The metric of that kind that a series is of. */
export function metricIn({ metrics }: ScopeGroup, kind: MetricKind, { role }: SeriesInfo): MetricGroup {
  const { metric: name, type, help, unit } = role;
  const key = `${kind}\0${name}`;
  let metric = metrics.get(key);
  if (metric === undefined) metrics.set(key, (metric = { kind, name, type, help, unit, points: new Map() }));
  return metric;
}

/** The point of a series at a time, in milliseconds since 1970. */
export function pointIn({ points }: MetricGroup, { attributes, attributesKey }: SeriesInfo, time: number): Point {
  const key = `${time} ${attributesKey}`;
  let point = points.get(key);
  if (point === undefined) points.set(key, (point = newPoint(attributes, attributesKey, time)));
  return point;
}

/** Under what `created` knows a point of a metric. */
export function createdKey(metric: string, attributesKey: string): string {
  return `${metric.replace(/_total$/, '')}\0${attributesKey}`;
}
