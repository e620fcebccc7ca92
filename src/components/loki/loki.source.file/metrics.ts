import { counter, gauge, type MetersOf } from '../../../component/metrics.ts';

export type FileSourceMeters = MetersOf<typeof fileSourceMetrics>;

export const fileSourceMetrics = {
  readBytes: gauge('loki_source_file_read_bytes_total', 'How far a file was read.', ['path']),
  fileBytes: gauge('loki_source_file_file_bytes_total', 'The size of a file.', ['path']),
  readLines: counter('loki_source_file_read_lines_total', 'Lines that were read.', ['path']),
  activeFiles: gauge('loki_source_file_files_active_total', 'Files that are followed.'),
  openFiles: gauge('loki_source_file_open_files', 'Files that are open. Idle files beyond a limit are closed.'),
  readErrors: counter('loki_source_file_read_errors_total', 'Failed attempts to read a file, by reason.', ['reason']),
  droppedBytes: counter(
    'loki_source_file_dropped_bytes_total',
    'Bytes that were not or could not be sent, by reason.',
    ['reason'],
  ),
};
