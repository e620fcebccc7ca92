import { counter, gauge, summary } from '../../../component/metrics.ts';

/** The labels of what is told of each endpoint. */
export const endpointLabels = ['remote_name', 'url'] as const;

const series = 'prometheus_remote_write_wal_';
const files = 'prometheus_tsdb_wal_';
const reading = 'prometheus_wal_watcher_';
const labels = endpointLabels;

/** What other agents tell of their write-ahead log, as far as it is true of requests on disk too. */
export const walMetrics = {
  activeSeries: gauge(`${series}storage_active_series`, 'Series that samples came of lately.'),
  createdSeries: counter(`${series}storage_created_series_total`, 'Series that became active.'),
  removedSeries: counter(`${series}storage_removed_series_total`, 'Series that are not active any more.'),
  outOfOrder: counter(
    `${series}out_of_order_samples_total`,
    'Samples that were older than another one of their series. They are sent all the same.',
  ),
  samplesAppended: counter(`${series}samples_appended_total`, 'Float samples and native histograms that came in.'),
  exemplarsAppended: counter(`${series}exemplars_appended_total`, 'Exemplars that came in.'),
  metadataUpdates: counter(`${series}metadata_updates_total`, 'Metadata of metrics that came in.'),

  walCorruptions: counter(
    `${series}corruptions_total`,
    'Damaged places and requests on disk, which were skipped.',
    labels,
  ),
  replaySeconds: gauge(
    'prometheus_remote_write_data_replay_duration_seconds',
    'How long it took at the start to find what was on disk.',
    labels,
  ),
  walBytes: gauge(`${files}storage_size_bytes`, 'Size of what waits on disk.', labels),
  walSegment: gauge(`${files}segment_current`, 'The number of the file that requests are written to.', labels),
  walWrites: counter(`${files}record_part_writes_total`, 'Writes to disk, each of one request or several.', labels),
  walWrittenBytes: counter(`${files}record_parts_bytes_written_total`, 'Bytes that were written to disk.', labels),
  walSyncSeconds: summary(
    `${files}fsync_duration_seconds`,
    'How long it took until what was written was on the disk.',
    [0.5, 0.9, 0.99],
    labels,
  ),
  walFailures: counter(
    `${files}writes_failed_total`,
    'Attempts to write to disk that failed, as on a full one.',
    labels,
  ),
  walTruncations: counter(`${files}truncations_total`, 'Files that were removed, or should have been.', labels),
  walTruncationsFailed: counter(`${files}truncations_failed_total`, 'Files that could not be removed.', labels),

  recordsRead: counter(`${reading}records_read_total`, 'Requests that were read from disk; the type is always `request`.', ['consumer', 'type']), // prettier-ignore
  recordsDamaged: counter(
    `${reading}record_decode_failures_total`,
    'Requests on disk that could not be read, which were skipped.',
    ['consumer'],
  ),
  earlierSamples: counter(
    `${reading}samples_sent_pre_tailing_total`,
    'Samples of an earlier run that were read from disk to be sent.',
    ['consumer'],
  ),
};
