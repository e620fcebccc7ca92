import { gauge } from '../../../component/metrics.ts';
import { connectorMetrics } from '../metric-series/connector-metrics.ts';

export const spanMetricsMeters = {
  ...connectorMetrics,
  resources: gauge('millrace_connector_resources', 'Resources whose series are kept.'),
};
