import { prometheusRemoteWrite } from '../components/prometheus/prometheus.remote_write.ts';
import { send, type Consumer, type Sent } from '../flow/delivery.ts';
import type { SampleBatch } from '../model/sample-batch.ts';
import { allSeries } from '../model/series-table.ts';
import { sampleBatch, type PlainSample, type PlainSamples } from './metric-samples.ts';
import { runComponent } from './run-component.ts';

/** The text of an endpoint that sends soon and retries at once, unless it is told otherwise. */
export function writeEndpoint({ url }: { readonly url: string }, more = '', queue = ''): string {
  const defaults = ['batch_send_deadline = "5ms"', 'min_backoff = "1ms"', 'max_backoff = "2ms"'];
  const kept = defaults.filter((line) => !queue.includes(line.split(' ')[0] ?? ''));
  const config = `queue_config {\n ${kept.join('\n')}\n ${queue}\n}`;
  return `endpoint {\n url = "${url}"\n name = "test"\n ${more}\n ${config}\n}\n`;
}

/** Runs a `prometheus.remote_write` with the arguments in a text. */
export function runRemoteWrite(text: string, dataDir?: string) {
  return runComponent(prometheusRemoteWrite, text, dataDir === undefined ? {} : { dataDir });
}

/** A float sample of a series with that name. */
export function sample(name: string, value: number, timestamp: number, labels = {}): PlainSample {
  return { labels: { __name__: name, ...labels }, value, timestamp };
}

/** Sends samples as one batch. */
export function sendSamples(to: Consumer<SampleBatch>, plain: PlainSamples | readonly PlainSample[]): Sent {
  const batch = sampleBatch(allSeries, isList(plain) ? { samples: plain } : plain);
  if (batch === undefined) throw new Error('nothing to send');
  return send(to, batch, new AbortController().signal);
}

function isList(plain: PlainSamples | readonly PlainSample[]): plain is readonly PlainSample[] {
  return Array.isArray(plain);
}

type WithMetrics = { metrics(): Readonly<Record<string, number>> };

/** The sum over the series of a metric whose labels match, of those that begin with `prometheus_remote_storage_`. */
export function writeMetric(c: WithMetrics, name: string, labels = /./): number {
  return metricSum(c, `prometheus_remote_storage_${name}`, labels);
}

/** The sum over the series of a metric whose labels match. */
export function metricSum(c: WithMetrics, name: string, labels = /^/): number {
  const series = Object.entries(c.metrics()).filter(([key]) => key === name || key.startsWith(`${name}{`));
  return series.filter(([key]) => labels.test(key)).reduce((sum, [, value]) => sum + value, 0);
}
