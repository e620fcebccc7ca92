import { otelcolExporterPrometheus } from '../components/otelcol/otelcol.exporter.prometheus.ts';
import { floatText } from '../base/float-text.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { SampleBatch } from '../model/sample-batch.ts';
import { SampleSink } from './exposed-metrics.ts';
import { plainSamples, type PlainExemplar } from './metric-samples.ts';
import { deliverOtlp, otlpBatch } from './otlp-batch.ts';
import { runComponent } from './run-component.ts';

type Message = Readonly<Record<string, unknown>>;

/** The moment of data points, in milliseconds since 1970. */
export const pointTime = 1_700_000_000_000;

/** A time so many milliseconds after that moment, as data points have it. */
export function nanos(after = 0): string {
  return `${pointTime + after}000000`;
}

/** Attributes with text, as objects of protobufjs. */
export function attributesOf(pairs: Readonly<Record<string, string>>): Message[] {
  return Object.entries(pairs).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

/** A request with metrics of one resource and scope. */
export function metricsOf(metrics: readonly Message[], resource: Readonly<Record<string, string>> = {}): Message {
  const scope = { name: 'scope', version: '1.0' };
  return {
    resourceMetrics: [{ resource: { attributes: attributesOf(resource) }, scopeMetrics: [{ scope, metrics }] }],
  };
}

/** What an `otelcol.exporter.prometheus` makes of requests. */
export interface Bridged {
  /** Each sample as `name{label="value"} number`, with `stale` for a mark; those of info series only if asked for. */
  readonly samples: string[];
  readonly histograms: readonly NativeHistogram[];
  readonly exemplars: readonly PlainExemplar[];
  readonly batches: readonly SampleBatch[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly messages: readonly string[];
}

/** Sends requests one after the other through an `otelcol.exporter.prometheus` with arguments. */
export async function bridge(text: string, ...requests: readonly Message[]): Promise<Bridged> {
  const sink = new SampleSink();
  const isInfoWanted = text.includes('_info');
  const all = `${isInfoWanted ? '' : 'include_target_info = false\n'}${text}\nforward_to = [sink]`;
  await using c = await runComponent(otelcolExporterPrometheus, all, { names: { sink: sink.receiver } });
  for (const request of requests) {
    const points = countPoints(request);
    await deliverOtlp(c.exports.input, otlpBatch('metrics', request, points));
  }
  const plain = sink.batches.map(plainSamples);
  const values = plain.flatMap(({ samples }) => samples);
  return {
    samples: values.flatMap(({ labels, value }) => (typeof value === 'object' ? [] : [lineOf(labels, value)])),
    histograms: values.flatMap(({ value }) => (typeof value === 'object' ? [value] : [])),
    exemplars: plain.flatMap(({ exemplars }) => exemplars),
    batches: sink.batches,
    metrics: c.metrics(),
    messages: c.logged.map(
      ({ message, fields }) => `${message}: ${String(fields['reason'])}, ${String(fields['metric'])}`,
    ),
  };
}

/** How many data points there are in a request. */
export function countPoints(request: Message): number {
  return lists(request['resourceMetrics'])
    .flatMap((resource) => lists(resource['scopeMetrics']))
    .flatMap((scope) => lists(scope['metrics']))
    .flatMap((metric) => ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].map((type) => metric[type]))
    .reduce<number>((sum, data) => sum + lists((data as Message | undefined)?.['dataPoints']).length, 0);
}

function lists(value: unknown): readonly Message[] {
  return (value ?? []) as readonly Message[];
}

function lineOf({ __name__: name = '', ...labels }: Readonly<Record<string, string>>, value: number | string): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  const list = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${name}${list} ${typeof value === 'number' ? floatText(value) : value}`;
}
