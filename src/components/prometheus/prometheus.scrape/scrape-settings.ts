import type { Consumer } from '../../../flow/delivery.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { escapingOf, type ScrapeArguments } from './fields.ts';
import type { FetchSettings } from './fetch-exposition.ts';
import { schemaForFactor } from './histogram-limits.ts';
import { acceptHeader, protobufFirst, usualProtocols, type ScrapeProtocol } from './negotiation.ts';
import type { ReadSettings } from './scrape-reader.ts';
import type { TargetDefaults } from './scrape-target.ts';

/** The size of a body without a limit of its own: enough for anyone, and no danger. */
const largestBody = 256 * 1024 * 1024;

/** The arguments in the form in which they are used. The parts that stay the same in a change stay the same objects. */
export interface ScrapeSettings {
  readonly forwardTo: Consumer<SampleBatch>;
  readonly fetch: FetchSettings;
  readonly read: ReadSettings;
  readonly defaults: TargetDefaults;
  readonly fallback: ScrapeProtocol | undefined;
  readonly hasExtraMetrics: boolean;
  readonly sendsMetadata: boolean;
  readonly maxTargets: number;
  readonly failureLogFile: string;
}

/** Makes settings; `before` are those that the arguments replace. */
export function scrapeSettings(
  args: ScrapeArguments,
  componentId: string,
  before: ScrapeSettings | undefined,
): ScrapeSettings {
  const hasNativeHistograms = args.scrape_native_histograms || args.enable_protobuf_negotiation;
  const protocols =
    hasNativeHistograms && args.scrape_protocols === usualProtocols ? protobufFirst : args.scrape_protocols;
  const read: ReadSettings = {
    honorLabels: args.honor_labels,
    honorTimestamps: args.honor_timestamps,
    tracksTimestamps: args.track_timestamps_staleness,
    hasTypeLabels: args.enable_type_and_unit_labels,
    hasZeroSamples: args.start_timestamp_zero_ingestion,
    nameScheme: args.metric_name_validation_scheme,
    maxSamples: args.sample_limit,
    maxLabels: args.label_limit,
    maxNameSize: args.label_name_length_limit,
    maxValueSize: args.label_value_length_limit,
    maxBuckets: args.native_histogram_bucket_limit,
    finestSchema: schemaForFactor(args.native_histogram_min_bucket_factor),
  };
  return {
    forwardTo: args.forward_to,
    fetch: {
      accept: acceptHeader(protocols, escapingOf(args)),
      isCompressionWanted: args.enable_compression,
      maxBodyBytes: args.body_size_limit > 0 ? args.body_size_limit - 1 : largestBody,
    },
    read: before !== undefined && JSON.stringify(before.read) === JSON.stringify(read) ? before.read : read,
    defaults: {
      job: args.job_name === '' ? componentId : args.job_name,
      scheme: args.scheme,
      metricsPath: args.metrics_path,
      interval: args.scrape_interval,
      timeout: args.scrape_timeout,
      params: args.params,
      hasNativeHistograms,
      keepsClassicHistograms: args.scrape_classic_histograms,
      convertsClassicHistograms: args.convert_classic_histograms_to_nhcb,
    },
    fallback: args.scrape_fallback_protocol === '' ? undefined : args.scrape_fallback_protocol,
    hasExtraMetrics: args.extra_metrics,
    sendsMetadata: args.honor_metadata,
    maxTargets: args.target_limit,
    failureLogFile: args.scrape_failure_log_file,
  };
}
