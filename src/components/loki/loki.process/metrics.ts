import { counter } from '../../../component/metrics.ts';

export const processMetrics = {
  droppedLines: counter('loki_process_dropped_lines_total', 'Lines that a stage dropped, by the reason configured.', [
    'reason',
  ]),
  criPartialLinesFlushed: counter(
    'loki_process_cri_partial_lines_flushed_total',
    'Partial CRI lines sent on unfinished, because there were too many of them.',
  ),
  criLinesTruncated: counter('loki_process_cri_lines_truncated_total', 'CRI lines cut to `max_partial_line_size`.'),
};
