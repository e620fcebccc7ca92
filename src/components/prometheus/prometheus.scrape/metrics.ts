import { counter, gauge, histogram, summary, type MetersOf } from '../../../component/metrics.ts';
import { forwardingMetrics } from '../../../component/forwarding-metrics.ts';

export type ScrapeMeters = MetersOf<typeof scrapeMetrics>;

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const quantiles = [0.01, 0.05, 0.5, 0.9, 0.99];
const intervalSeconds = [1, 5, 10, 15, 30, 45, 60, 90, 120, 180, 300, 600];

export const scrapeMetrics = {
  targets: gauge('prometheus_scrape_targets_gauge', 'Targets that are scraped.'),
  moved: counter('prometheus_scrape_targets_moved_total', 'Targets that another node of a cluster took over; stays 0.'),
  pools: counter('prometheus_target_scrape_pools_total', 'Sets of targets that were made: one for each instance.'),
  poolsFailed: counter(
    'prometheus_target_scrape_pools_failed_total',
    'Sets of targets that could not be made; stays 0.',
  ),
  reloads: counter('prometheus_target_scrape_pool_reloads_total', 'Changes of the arguments.'),
  reloadsFailed: counter('prometheus_target_scrape_pool_reloads_failed_total', 'Changes that failed; stays 0.'),
  targetLimitExceeded: counter(
    'prometheus_target_scrape_pool_exceeded_target_limit_total',
    'How often there came to be more targets than `target_limit`.',
  ),
  labelLimitsExceeded: counter(
    'prometheus_target_scrape_pool_exceeded_label_limits_total',
    'Scrapes that failed since a series had too many labels or one that was too long.',
  ),
  targetLimit: gauge('prometheus_target_scrape_pool_target_limit', 'How many targets there may be; 0 for any number.', [
    'scrape_job',
  ]),
  poolTargets: gauge('prometheus_target_scrape_pool_targets', 'Targets that are scraped.', ['scrape_job']),
  syncs: counter('prometheus_target_scrape_pool_sync_total', 'How often the targets were compared with those before.', [
    'scrape_job',
  ]),
  syncFailed: counter('prometheus_target_sync_failed_total', 'Targets that could not be understood.', ['scrape_job']),
  symbols: gauge(
    'prometheus_target_scrape_pool_symboltable_items',
    'Texts of labels that are kept as symbols; stays 0, since labels are kept with their series.',
    ['scrape_job'],
  ),
  syncSummary: summary(
    'prometheus_target_sync_length_seconds',
    'As prometheus_target_sync_length_histogram_seconds, with quantiles of the last ten minutes.',
    quantiles,
    ['scrape_job'],
  ),
  syncSeconds: histogram(
    'prometheus_target_sync_length_histogram_seconds',
    'How long it took to compare the targets with those before.',
    seconds,
    ['scrape_job'],
  ),
  reloadSummary: summary(
    'prometheus_target_reload_length_seconds',
    'How long it took to take changed arguments, with quantiles of the last ten minutes.',
    quantiles,
    ['interval'],
  ),
  intervalSummary: summary(
    'prometheus_target_interval_length_seconds',
    'As prometheus_target_interval_length_histogram_seconds, with quantiles of the last ten minutes.',
    quantiles,
    ['interval'],
  ),
  intervalSeconds: histogram(
    'prometheus_target_interval_length_histogram_seconds',
    'The time from one scrape of a target to the next.',
    intervalSeconds,
    ['interval'],
  ),
  duration: histogram(
    'prometheus_target_scrape_duration_seconds',
    'How long scrapes took, until the response was there.',
    seconds,
  ),
  bodyTooLarge: counter(
    'prometheus_target_scrapes_exceeded_body_size_limit_total',
    'Scrapes that failed since the body of the response was too large.',
  ),
  sampleLimitExceeded: counter(
    'prometheus_target_scrapes_exceeded_sample_limit_total',
    'Scrapes that failed since there were too many samples.',
  ),
  bucketLimitExceeded: counter(
    'prometheus_target_scrapes_exceeded_native_histogram_bucket_limit_total',
    'Scrapes that failed since a native histogram had too many buckets.',
  ),
  cacheFlushed: counter(
    'prometheus_target_scrapes_cache_flush_forced_total',
    'How often the known series of a target were forgotten since its scrapes failed.',
  ),
  duplicates: counter(
    'prometheus_target_scrapes_sample_duplicate_timestamp_total',
    'Samples that were dropped since their series had another one in the same scrape, or with the same timestamp of its own.',
  ),
  outOfOrder: counter(
    'prometheus_target_scrapes_sample_out_of_order_total',
    'Samples with timestamps of their own that were dropped since their series had a later one.',
  ),
  outOfBounds: counter(
    'prometheus_target_scrapes_sample_out_of_bounds_total',
    'Samples that were dropped since their timestamp is more than 10m in the future.',
  ),
  exemplarsOutOfOrder: counter(
    'prometheus_target_scrapes_exemplar_out_of_order_total',
    'Exemplars that were dropped since all of their series were earlier than one that was sent.',
  ),
  metadataEntries: gauge(
    'prometheus_target_metadata_cache_entries',
    'Metrics whose type, help text and unit are known. They are kept with `honor_metadata` only.',
    ['scrape_job'],
  ),
  metadataBytes: gauge(
    'prometheus_target_metadata_cache_bytes',
    'What the types, help texts and units take that are known.',
    ['scrape_job'],
  ),
  cachedSeries: gauge('millrace_scrape_series', 'Series that are known, of all targets.'),
  skipped: counter(
    'millrace_scrape_skipped_total',
    'Scrapes that did not take place since the samples of the one before were not accepted yet, or it took too long.',
  ),
  tooManyLarge: counter(
    'millrace_scrape_responses_refused_total',
    'Scrapes that failed since large responses, which are read one after the other, took more than 512MiB together.',
  ),
  dropped: counter(
    'millrace_scrape_samples_dropped_total',
    'Samples that were scraped and lost: `refused` by a receiver until the next scrape, `undelivered` after they were accepted.',
    ['reason'],
  ),
  ...forwardingMetrics,
};
