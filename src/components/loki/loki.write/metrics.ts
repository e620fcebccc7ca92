import { counter, gauge, histogram } from '../../../component/metrics.ts';

const labels = ['host', 'tenant'] as const;
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
};

/** Why entries are dropped. */
export const dropReasons = ['ingester_error', 'rate_limited', 'stream_limited', 'queue_is_full'] as const;
export type DropReason = (typeof dropReasons)[number];
