import { httpServerMetrics } from '../../../component/http-server-metrics.ts';
import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';
import { forwardingMetrics } from '../../../component/forwarding-metrics.ts';

export type ReceiveHttpMeters = MetersOf<typeof receiveHttpMetrics>;

export const receiveHttpMetrics = {
  invalidSeries: counter(
    'prometheus_api_remote_write_invalid_labels_samples_total',
    'Series and histograms that were left out since their labels or buckets are not valid.',
  ),
  withoutMetadata: counter(
    'prometheus_api_remote_write_without_metadata_appended_samples_total',
    'Samples and histograms of version 2 that were passed on without metadata.',
  ),
  dropped: counter(
    'prometheus_receive_http_samples_dropped_total',
    'Samples and histograms that were not passed on: `out_of_bounds` if they are more than ten minutes in the future. Series for which there is no room count as `series_limit`.',
    ['reason'],
  ),
  inflightBytes: gauge('prometheus_receive_http_inflight_bytes', 'Memory that requests under way take.'),
  ...forwardingMetrics,
  ...httpServerMetrics('prometheus_receive_http'),
};
