import { counter, definedByArguments } from '../../../component/metrics.ts';

export const processMetrics = {
  droppedLines: counter('loki_process_dropped_lines_total', 'Lines that a stage dropped, by the reason configured.', [
    'reason',
  ]),
  criPartialLinesFlushed: counter(
    'loki_process_cri_partial_lines_flushed_total',
    'Partial CRI lines sent on unfinished, because there were too many of them.',
  ),
  criLinesTruncated: counter('loki_process_cri_lines_truncated_total', 'CRI lines cut to `max_partial_line_size`.'),
  truncatedFields: counter(
    'loki_process_truncated_fields_total',
    'Values that truncate stages cut: lines, labels, structured metadata and extracted values.',
    ['field'],
  ),
  droppedLinesByLabel: counter(
    'loki_process_dropped_lines_by_label_total',
    'Lines that `stage.limit` dropped, by the value of `by_label_name`. Begins anew when there have been too many values.',
    ['label_name', 'label_value'],
  ),
  multilineBlocksCut: counter(
    'millrace_process_multiline_blocks_cut_total',
    'Multiline blocks sent before their end was known, because they took too much memory.',
  ),
  custom: definedByArguments(
    'loki_process_custom_',
    'The metrics that `stage.metrics` defines, with the labels of entries.',
  ),
  customUpdatesRejected: counter(
    'millrace_process_custom_metric_updates_rejected_total',
    'Updates of metrics of `stage.metrics` that were not made because the metric has too many series.',
  ),
};
