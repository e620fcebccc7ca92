import { metrics } from '../../../model/signal.ts';
import { bool, duration } from '../../../schema/attributes.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';

export type PrometheusExporterArguments = ArgumentsOf<typeof prometheusExporterFields>;

/** What says how data points become samples. */
export type ConverterOptions = Omit<PrometheusExporterArguments, 'forward_to' | 'gc_frequency'>;

export const prometheusExporterFields = {
  forward_to: output('Where samples go.', metrics),
  include_target_info: bool(
    'Whether each resource becomes a series `target_info`, whose labels are the attributes of the resource.',
  ).default(true),
  include_scope_info: bool(
    'Whether each scope becomes a series `otel_scope_info`, whose labels are its name, version and attributes.',
  ).default(false),
  include_scope_labels: bool(
    'Without effect, as in Alloy: series never get the labels `otel_scope_name` and `otel_scope_version`.',
  ).default(true),
  gc_frequency: duration('How often what is known of series is gone through, to forget those without points for 5m.')
    .default(300_000)
    .check((frequency) => (frequency > 0 ? undefined : 'must be greater than 0')),
  add_metric_suffixes: bool('Whether names of metrics get their units and types at their ends.').default(true),
  resource_to_telemetry_conversion: bool(
    'Whether each series gets the attributes of its resource as labels; they count more than those of data points.',
  ).default(false),
  honor_metadata: bool('Whether types, units and descriptions of metrics are sent with the samples.').default(false),
  convert_classic_histograms_to_nhcb: bool(
    'Whether histograms become native ones with the same bounds; needs `--stability.level=experimental`.',
  ).default(false),
  keep_identifying_resource_attributes: bool(
    'Whether `target_info` has the attributes that are in `job` and `instance`, too.',
  ).default(false),
  start_timestamp_zero_ingestion: bool(
    'Whether a sample of zero is sent for when a counter, histogram or summary began; needs `--stability.level=experimental`.',
  ).default(false),
};
