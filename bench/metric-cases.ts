import { metricsPath } from './metric-exposition.ts';

/** One way to scrape. */
export interface MetricCase {
  readonly title: string;
  readonly targets: number;
  /** Series of each target; a multiple of ten. */
  readonly series: number;
  /** Each series gets another label in one scrape of so many; 0 for never. */
  readonly churnPeriod: number;
  readonly intervalSeconds: number;
  /** Samples that a scrape may have; 0 for any number. */
  readonly sampleLimit: number;
  /** Whether the first target comes to have a million series. */
  readonly explodes: boolean;
  /** Does not count: the first scrapes, and what senders then have to catch up with. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

const usual = { targets: 200, series: 1000, churnPeriod: 0, sampleLimit: 0, explodes: false };
const fast = { ...usual, intervalSeconds: 2, warmUpSeconds: 11, seconds: 12 };
const wide = { ...usual, intervalSeconds: 10, warmUpSeconds: 11, seconds: 10 };
const explosion = { ...wide, explodes: true, seconds: 60, title: '200 targets of 1,000 series each, one explodes' };

/** Series that are sent for each target besides what it exposes: `up` and four more. */
export const reportSeries = 5;

export const metricCases: Readonly<Record<string, MetricCase>> = {
  steady: { ...fast, title: '200 targets of 1,000 series each' },
  churn: { ...fast, title: 'as steady, but 5 % of the series are new in each scrape', churnPeriod: 20 },
  'memory-100k': { ...wide, title: '100 targets of 1,000 series each', targets: 100 },
  'memory-500k': { ...wide, title: '500 targets of 1,000 series each', targets: 500 },
  explosion: { ...explosion, title: `${explosion.title} to 1,000,000` },
  'explosion-limited': { ...explosion, title: `${explosion.title} beyond its sample_limit`, sampleLimit: 10_000 },
};

/** A configuration that scrapes the targets on one port of this host, and writes to another one. */
export function metricConfig({ targets, intervalSeconds, sampleLimit }: MetricCase, from: number, to: number): string {
  const lines = Array.from(
    { length: targets },
    (_, target) =>
      `{"__address__" = "127.0.0.1:${from}", "__metrics_path__" = "${metricsPath(target)}", instance = "target-${target}"},`,
  );
  return `
    prometheus.scrape "bench" {
      targets = [
        ${lines.join('\n        ')}
      ]
      job_name        = "bench"
      scrape_interval = "${intervalSeconds}s"
      scrape_timeout  = "${intervalSeconds}s"
      sample_limit    = ${sampleLimit}
      forward_to      = [prometheus.remote_write.bench.receiver]
    }
    prometheus.remote_write "bench" {
      endpoint { url = "http://127.0.0.1:${to}/api/v1/write" }
    }`;
}

/** The same for Prometheus, with what Alloy has as defaults for the queue. */
export function prometheusConfig(
  { targets, intervalSeconds, sampleLimit }: MetricCase,
  from: number,
  to: number,
): string {
  const staticConfigs = Array.from({ length: targets }, (_, target) => ({
    targets: [`127.0.0.1:${from}`],
    labels: { __metrics_path__: metricsPath(target), instance: `target-${target}` },
  }));
  const interval = `${intervalSeconds}s`;
  // JSON is YAML.
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: [{ job_name: 'bench', sample_limit: sampleLimit, static_configs: staticConfigs }],
    remote_write: [
      {
        url: `http://127.0.0.1:${to}/api/v1/write`,
        queue_config: { capacity: 10_000, max_samples_per_send: 2000, max_shards: 50 },
      },
    ],
  });
}
