import { forwardingMetrics } from '../../../component/forwarding-metrics.ts';
import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';
import { dropReasons } from './drops.ts';

export type PrometheusExporterMeters = MetersOf<typeof prometheusExporterMetrics>;

const reasons = Object.entries(dropReasons).map(([reason, why]) => `\`${reason}\` if ${why}`);

export const prometheusExporterMetrics = {
  dropped: counter(
    'millrace_exporter_prometheus_data_points_dropped_total',
    `Data points that did not become samples: ${reasons.join(', ')}.`,
    ['reason'],
  ),
  droppedExemplars: counter(
    'millrace_exporter_prometheus_exemplars_dropped_total',
    'Exemplars that were not sent since they are older than the last one of their series.',
  ),
  cached: gauge(
    'millrace_exporter_prometheus_cache_entries',
    'Data points, resources, scopes, metrics and lists of bounds whose series or names are remembered.',
  ),
  cacheResets: counter(
    'millrace_exporter_prometheus_cache_resets_total',
    'How often everything that was remembered was forgotten, since there was too much of it.',
  ),
  ...forwardingMetrics,
};
