import { counter, gauge, histogram, type MetersOf } from '../../../component/metrics.ts';
import { endpointLabels, walMetrics } from './wal-metrics.ts';

const prefix = 'prometheus_remote_storage_';
const labels = endpointLabels;
const dropLabels = [...labels, 'reason'] as const;
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300];

export const remoteWriteMetrics = {
  samplesIn: counter(`${prefix}samples_in_total`, 'Float samples that came in.'),
  histogramsIn: counter(`${prefix}histograms_in_total`, 'Native histograms that came in.'),
  exemplarsIn: counter(`${prefix}exemplars_in_total`, 'Exemplars that came in.'),
  highestIn: gauge(
    `${prefix}highest_timestamp_in_seconds`,
    'The latest time of a sample that came in, as a Unix time.',
  ),

  samples: counter(`${prefix}samples_total`, 'Float samples that were delivered.', labels),
  histograms: counter(`${prefix}histograms_total`, 'Native histograms that were delivered.', labels),
  exemplars: counter(`${prefix}exemplars_total`, 'Exemplars that were delivered.', labels),
  metadata: counter(`${prefix}metadata_total`, 'Metadata of metrics that was delivered.', labels),
  samplesFailed: counter(`${prefix}samples_failed_total`, 'Float samples that the server refused for good.', labels),
  histogramsFailed: counter(
    `${prefix}histograms_failed_total`,
    'Native histograms that the server refused for good.',
    labels,
  ),
  exemplarsFailed: counter(`${prefix}exemplars_failed_total`, 'Exemplars that the server refused for good.', labels),
  metadataFailed: counter(`${prefix}metadata_failed_total`, 'Metadata that the server refused for good.', labels),
  samplesRetried: counter(
    `${prefix}samples_retried_total`,
    'Float samples in requests that failed and are sent again.',
    labels,
  ),
  histogramsRetried: counter(
    `${prefix}histograms_retried_total`,
    'Native histograms in requests that failed and are sent again.',
    labels,
  ),
  exemplarsRetried: counter(
    `${prefix}exemplars_retried_total`,
    'Exemplars in requests that failed and are sent again.',
    labels,
  ),
  metadataRetried: counter(
    `${prefix}metadata_retried_total`,
    'Metadata in requests that failed and are sent again.',
    labels,
  ),
  samplesDropped: counter(
    `${prefix}samples_dropped_total`,
    'Float samples that were not sent: `too_old` for `sample_age_limit` or `max_keepalive_time`, `dropped_series` by rules, `unintentionally_dropped_series` without room for the series, `wal_full` to make room on disk.',
    dropLabels,
  ),
  histogramsDropped: counter(
    `${prefix}histograms_dropped_total`,
    'Native histograms that were not sent, by the reasons of samples, `not_enabled` without `send_native_histograms`, and `nhcb_in_rw1_not_supported`.',
    dropLabels,
  ),
  exemplarsDropped: counter(
    `${prefix}exemplars_dropped_total`,
    'Exemplars that were not sent, by the reasons of samples, and `not_enabled` without `send_exemplars`.',
    dropLabels,
  ),
  refused: counter(
    `${prefix}refused_samples_total`,
    'Why the server refused samples, histograms and exemplars for good: its status code, `not_written` if it says that it has not stored them, or `unsendable`.',
    dropLabels,
  ),
  splits: counter(
    `${prefix}split_requests_total`,
    'Requests that were too large for the server and were sent in two halves.',
    labels,
  ),
  enqueueRetries: counter(
    `${prefix}enqueue_retries_total`,
    'How often senders had to wait for room in memory.',
    labels,
  ),
  duration: histogram(`${prefix}sent_batch_duration_seconds`, 'How long requests took.', seconds, labels),
  highestTimestamp: gauge(
    `${prefix}queue_highest_timestamp_seconds`,
    'The latest time of a sample to be sent, as a Unix time.',
    labels,
  ),
  highestSent: gauge(
    `${prefix}queue_highest_sent_timestamp_seconds`,
    'The latest time of a sample that was delivered or refused, as a Unix time.',
    labels,
  ),
  samplesPending: gauge(`${prefix}samples_pending`, 'Float samples that wait, in memory or on disk.', labels),
  histogramsPending: gauge(`${prefix}histograms_pending`, 'Native histograms that wait, in memory or on disk.', labels),
  exemplarsPending: gauge(`${prefix}exemplars_pending`, 'Exemplars that wait, in memory or on disk.', labels),
  shardCapacity: gauge(`${prefix}shard_capacity`, 'Samples of each shard that may wait in memory.', labels),
  shards: gauge(`${prefix}shards`, 'Requests that may be under way at the same time.', labels),
  shardsMax: gauge(`${prefix}shards_max`, 'The most shards.', labels),
  shardsMin: gauge(`${prefix}shards_min`, 'The fewest shards.', labels),
  shardsDesired: gauge(`${prefix}shards_desired`, 'How many shards were needed to keep up.', labels),
  bytes: counter(`${prefix}bytes_total`, 'Bytes of requests with samples that were delivered, as compressed.', labels),
  metadataBytes: counter(
    `${prefix}metadata_bytes_total`,
    'Bytes of requests with metadata alone that were delivered, as compressed.',
    labels,
  ),
  maxSamplesPerSend: gauge(`${prefix}max_samples_per_send`, 'The samples at which a request is complete.', labels),

  walRequests: gauge(`${prefix}wal_requests`, 'Requests that wait on disk.', labels),
  walOldest: gauge(
    `${prefix}wal_oldest_request_timestamp_seconds`,
    'When the oldest request on disk was written, as a Unix time. Absent if there is none.',
    labels,
  ),
  ...walMetrics,
};

export type RemoteWriteMeters = MetersOf<typeof remoteWriteMetrics>;
export type DropReason =
  | 'too_old'
  | 'dropped_series'
  | 'unintentionally_dropped_series'
  | 'nhcb_in_rw1_not_supported'
  | 'not_enabled'
  | 'wal_full';
