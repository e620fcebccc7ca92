import { counter, gauge } from '../../../component/metrics.ts';
import { connectorMetrics } from '../metric-series/connector-metrics.ts';

export const spanMetricsMeters = {
  ...connectorMetrics,
  resources: gauge('millrace_connector_resources', 'Resources whose series are kept.'),
  skipped: counter(
    'millrace_connector_skipped_spans_total',
    'Spans that are in no metric: those of resources without `service.name`, or with more attributes than 64 KiB.',
    ['reason'],
  ),
};
