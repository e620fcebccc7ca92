import { httpServerMetrics } from '../../../component/http-server-metrics.ts';
import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';

export type ApiSourceMeters = MetersOf<typeof apiSourceMetrics>;

export const apiSourceMetrics = {
  entriesWritten: counter('loki_source_api_entries_written', 'Entries that were delivered.'),
  droppedEntries: counter(
    'loki_source_api_dropped_entries_total',
    'Entries that were not sent on, by reason: `invalid_labels` of their stream, or `relabel` where rules drop it or it has no label.',
    ['reason'],
  ),
  inflightBytes: gauge('loki_source_api_inflight_bytes', 'Memory that requests under way take.'),
  ...httpServerMetrics('loki_source_api'),
};
