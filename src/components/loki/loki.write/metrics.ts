import { counter, gauge, histogram, type MetersOf } from '../../../component/metrics.ts';

const labels = ['host', 'tenant'] as const;
/** The name of the endpoint, and the number of the shard. */
const walLabels = ['id', 'shard'] as const;
const sizes = [1, 4, 16, 64, 256, 512, 1024, 2048, 4096, 8192, 16_384, 20_480].map((kibibytes) => kibibytes * 1024);

export const writeMetrics = {
  sentBytes: counter('loki_write_sent_bytes_total', 'Bytes sent, as compressed.', labels),
  sentEntries: counter('loki_write_sent_entries_total', 'Entries delivered.', labels),
  droppedBytes: counter('loki_write_dropped_bytes_total', 'Bytes of what was dropped.', [...labels, 'reason']),
  droppedEntries: counter('loki_write_dropped_entries_total', 'Entries dropped.', [...labels, 'reason']),
  retries: counter('loki_write_batch_retries_total', 'Requests that failed and may be sent again.', labels),
  requestSize: histogram('loki_write_request_size_bytes', 'Sizes of requests, as compressed.', sizes, labels),
  requestDuration: histogram(
    'loki_write_request_duration_seconds',
    'Durations of requests by status code; -1 if there was no answer.',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ['status_code', ...labels],
  ),
  latency: histogram(
    'loki_write_entry_propagation_latency_seconds',
    'Time from when an entry was read until it was delivered or dropped.',
    [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600],
    labels,
  ),
  queuedBytes: gauge('loki_write_queue_bytes', 'Compressed size of the requests that wait to be sent.', ['host']),
  queuedEntries: gauge('loki_write_queue_entries', 'Entries in requests that are filled or wait to be sent.', ['host']),
  unsentEntries: counter(
    'loki_write_unsent_entries_total',
    'Entries that were not delivered when an endpoint stopped. Whoever sent them was told, or they are in the log.',
    ['host'],
  ),
  splitRequests: counter(
    'loki_write_split_requests_total',
    'Requests that were refused and sent again in parts, to find what was wrong with them.',
    labels,
  ),
  walBytes: gauge('loki_write_wal_bytes', 'Size of the write-ahead log on the disk.', walLabels),
  walRecords: gauge('loki_write_wal_records', 'Requests in the write-ahead log that are not delivered.', walLabels),
  walOldest: gauge(
    'loki_write_wal_oldest_record_timestamp_seconds',
    'When the oldest request in the write-ahead log was written, as a Unix time. Absent if there is none.',
    walLabels,
  ),
  walFailures: counter(
    'loki_write_wal_append_failures_total',
    'Attempts to write to the write-ahead log that failed, as on a full disk.',
    walLabels,
  ),
  walRead: counter('loki_write_wal_watcher_records_read_total', 'Requests read from the write-ahead log.', walLabels),
  walCorrupted: counter(
    'loki_write_wal_watcher_record_decode_failures_total',
    'Damaged places and requests in the write-ahead log, which were skipped.',
    walLabels,
  ),
  walWritten: gauge(
    'loki_write_wal_writer_last_written_timestamp',
    'When the write-ahead log was written to last, as a Unix time.',
    walLabels,
  ),
};

/** Why entries are dropped. */
export const dropReasons = [
  'ingester_error',
  'rate_limited',
  'stream_limited',
  'line_too_long',
  'queue_is_full',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Counts entries that are dropped, and their bytes. */
export function countDropped(
  metrics: MetersOf<typeof writeMetrics>,
  where: { readonly host: string; readonly tenant: string; readonly reason: DropReason },
  entries: number,
  bytes: number,
): void {
  const { host, tenant, reason } = where;
  metrics.droppedEntries.with(host, tenant, reason).inc(entries);
  metrics.droppedBytes.with(host, tenant, reason).inc(bytes);
}
