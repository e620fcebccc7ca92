import { counter, gauge, histogram, type MetersOf } from '../../../component/metrics.ts';

const itemBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];
/** From 128 bytes to 16 MiB. */
const byteBounds = Array.from({ length: 18 }, (_, power) => 128 * 2 ** power);

export const batchMetrics = {
  sendSize: histogram(
    'otelcol_processor_batch_batch_send_size',
    'Spans, data points or log records in the batches that were made.',
    itemBounds,
    ['processor'],
  ),
  sendBytes: histogram(
    'otelcol_processor_batch_batch_send_size_bytes',
    'Sizes of the batches that were made, not compressed.',
    byteBounds,
    ['processor'],
  ),
  sizeTriggers: counter(
    'otelcol_processor_batch_batch_size_trigger_send_total',
    'Batches that were made since there was enough for one.',
    ['processor'],
  ),
  timeoutTriggers: counter(
    'otelcol_processor_batch_timeout_trigger_send_total',
    'Batches that were made since their time had come, or since the component stopped.',
    ['processor'],
  ),
  cardinality: gauge(
    'otelcol_processor_batch_metadata_cardinality',
    'Combinations of values of `metadata_keys` that have batches of their own.',
    ['processor'],
  ),
  pendingItems: gauge(
    'millrace_processor_batch_pending_items',
    'Spans, data points and log records that wait to be in a batch, or are in one that nobody has accepted yet.',
    ['processor'],
  ),
  pendingBytes: gauge('millrace_processor_batch_pending_bytes', 'The same in bytes.', ['processor']),
  refusals: counter(
    'millrace_processor_batch_refusals_total',
    'How often a batch was refused by what follows for now. It is kept, and offered again.',
    ['processor'],
  ),
  dropped: counter(
    'millrace_processor_batch_dropped_items_total',
    'Spans, data points and log records that were dropped, by reason: `refused` if what follows refused them for good, `shutdown` if nobody took them before the component stopped.',
    ['processor', 'reason'],
  ),
};

export type BatchMeters = MetersOf<typeof batchMetrics>;
