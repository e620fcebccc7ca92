import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';

export type FileSourceMeters = MetersOf<typeof fileSourceMetrics>;

export const fileSourceMetrics = {
  readBytes: gauge('loki_source_file_read_bytes_total', 'How far a file was read.', ['path']),
  fileBytes: gauge('loki_source_file_file_bytes_total', 'The size of a file.', ['path']),
  readLines: counter('loki_source_file_read_lines_total', 'Lines that were read.', ['path']),
  activeFiles: gauge('loki_source_file_files_active_total', 'Files that are followed.'),
  openFiles: gauge('loki_source_file_open_files', 'Files that are open. Idle files beyond a limit are closed.'),
  readErrors: counter('loki_source_file_read_errors_total', 'Failed attempts to read a file, by reason.', ['reason']),
  allReadLines: counter(
    'millrace_source_file_lines_read_total',
    'Lines that were read, of all files: those delivered, those dropped and those held together are as many at any moment.',
  ),
  deliveredLines: counter(
    'millrace_source_file_lines_delivered_total',
    'Lines that were delivered, or dropped by a component downstream, which has counted them with the reason.',
  ),
  droppedLines: counter(
    'millrace_source_file_lines_dropped_total',
    'Lines that will not be sent any more, by reason; of `stopped`, nothing was recorded as read, and they are read again.',
    ['reason'],
  ),
  heldLines: gauge(
    'millrace_source_file_lines_held',
    'Lines that were read and are on their way, or wait to be sent again.',
  ),
  droppedBytes: counter(
    'loki_source_file_dropped_bytes_total',
    'Bytes that were not or could not be sent, by reason.',
    ['reason'],
  ),
};
