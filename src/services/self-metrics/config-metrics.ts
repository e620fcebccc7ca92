import { createHash } from 'node:crypto';
import { counter, gauge, openMetrics, type MetricFamily } from '../../component/metrics.ts';
import type { Source } from '../../syntax/source.ts';

export const configMetrics = {
  hash: gauge('alloy_config_hash', 'The configuration that runs, as a hash of its text. The value is always 1.', [
    'sha256',
    'cluster_name',
  ]),
  isSuccess: gauge('alloy_config_last_load_successful', 'Whether the last load of the configuration was successful.'),
  successTime: gauge(
    'alloy_config_last_load_success_timestamp_seconds',
    'When the configuration that runs was loaded, in seconds since 1970.',
  ),
  failures: counter('alloy_config_load_failures_total', 'Loads of the configuration that failed.'),
};

/** What is known of the loads of the configuration. */
export class ConfigMetrics {
  readonly #metrics = openMetrics(configMetrics);

  loaded(sources: readonly Source[]): void {
    const { hash, isSuccess, successTime } = this.#metrics.meters;
    const digest = createHash('sha256');
    for (const { text } of sources) digest.update(text);
    hash.clear();
    hash.with(digest.digest('hex'), '').set(1);
    isSuccess.set(1);
    successTime.set(Date.now() / 1000);
  }

  failed(): void {
    const { isSuccess, failures } = this.#metrics.meters;
    isSuccess.set(0);
    failures.inc();
  }

  collect(): readonly MetricFamily[] {
    return this.#metrics.collect();
  }
}
