import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';

/** The metrics of connectors that make metrics of spans. */
export const connectorMetrics = {
  series: gauge('millrace_connector_series', 'Series that are kept.'),
  overflowed: counter(
    'millrace_connector_overflowed_items_total',
    'Spans, events and edges counted in the series with `otel.metric.overflow`, since there was no room for their own.',
  ),
  skipped: counter(
    'millrace_connector_skipped_spans_total',
    'Spans that are in no metric: of resources without `service.name` or with attributes beyond any use, copies of spans that were paired already, and those without their other side when the component ended.',
    ['reason'],
  ),
  flushes: counter('millrace_connector_flushes_total', 'Requests with metrics by what became of them.', ['outcome']),
  lostPoints: counter(
    'millrace_connector_lost_data_points_total',
    'Data points that did not arrive: those of deltas that nothing tells again, and the last ones before an end.',
    ['reason'],
  ),
};

export type ConnectorMeters = MetersOf<typeof connectorMetrics>;
