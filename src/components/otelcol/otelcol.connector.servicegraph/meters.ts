import { counter, gauge } from '../../../component/metrics.ts';
import { connectorMetrics } from '../metric-series/connector-metrics.ts';

export const serviceGraphMeters = {
  ...connectorMetrics,
  edges: counter('otelcol_connector_servicegraph_total_edges_total', 'Edges of which a span came.'),
  expired: counter(
    'otelcol_connector_servicegraph_expired_edges_total',
    'Edges of which only one side came within `ttl`.',
  ),
  dropped: counter(
    'otelcol_connector_servicegraph_dropped_spans_total',
    'Spans dropped, since `max_items` others were waiting for their other side.',
  ),
  waiting: gauge('millrace_connector_waiting_spans', 'Spans that wait for their other side.'),
};
