import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { allSeries } from '../../model/series-table.ts';
import { metrics as metricsSignal } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, holdBack, refuse } from '../../testkit/collect.ts';
import { plainSamples } from '../../testkit/metric-samples.ts';
import { problemsOf } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { bodyV1, contentTypeV2, seriesV1, startWriteApi } from '../../testkit/write-client.ts';
import { prometheusReceiveHttp } from './prometheus.receive_http.ts';

const now = Date.now();
const both = `accepted_remote_write_protobuf_messages = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]`;
const one = { timeseries: [seriesV1({ __name__: 'up', job: 'a' }, [1, now])] };

function outTo(consumer: Consumer<SampleBatch>) {
  return { names: { out: receiverFor(metricsSignal, consumer) } };
}

/** What a consumer got, as plain values. */
function samplesOf({ batches }: { readonly batches: readonly SampleBatch[] }) {
  return batches.flatMap((batch) => plainSamples(batch).samples);
}

/** Keeps copies of batches, since the series of a batch may be others after its delivery. */
function keepPlain() {
  const all: ReturnType<typeof plainSamples>[] = [];
  const consumer: Consumer<SampleBatch> = { consume: (batch) => void all.push(plainSamples(batch)) };
  return { all, consumer };
}

test('samples of version 1 are passed on, and answered with 204', async () => {
  const { all, consumer } = keepPlain();
  await using api = await startWriteApi('', outTo(consumer));
  const message = { ...one, metadata: [{ type: 1, metric_family_name: 'up', help: 'h' }] };
  const answer = await api.write(message);
  assert.deepEqual([answer.status, answer.text], [204, '']);
  assert.equal(answer.headers.get('x-prometheus-remote-write-samples-written'), null);
  assert.deepEqual(all, [
    { samples: [{ labels: { __name__: 'up', job: 'a' }, value: 1, timestamp: now }], exemplars: [], families: [] },
  ]);
  assert.equal(api.component.metrics()['prometheus_forwarded_samples_total'], 1);
});

test('a client is answered when its samples are delivered, not before', async () => {
  const out = holdBack<SampleBatch>();
  await using api = await startWriteApi('', outTo(out));
  let isAnswered = false;
  const answer = api.write(one).finally(() => (isAnswered = true));
  await until(() => out.held === 1);
  assert.equal(isAnswered, false);
  assert.deepEqual(samplesOf(out).length, 1);
  out.deliver();
  assert.equal((await answer).status, 204);
});

test('a client is told to try again what was not delivered, and not to what nobody takes', async () => {
  const cases = [
    [new DeliveryError('full', { retryable: true }), 503, '5'],
    [new DeliveryError('full', { retryable: true, retryAfter: 30_000 }), 503, '30'],
    [new DeliveryError('never', { retryable: false }), 400, null],
  ] as const;
  for (const [error, status, retryAfter] of cases) {
    await using api = await startWriteApi('', outTo(refuse(error)));
    const answer = await api.write(one);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [status, retryAfter]);
    assert.match(answer.text, RegExp(error.message));
  }
  const held = holdBack<SampleBatch>();
  await using api = await startWriteApi('', { ...outTo(held), http: 'server_write_timeout = "20ms"' });
  assert.equal((await api.write(one)).status, 503);
});

test('version 2 is taken if it is accepted, and told how much was written', async () => {
  const message = {
    symbols: ['', '__name__', 'up', 'a', 'b', 'help'],
    timeseries: [
      { labels_refs: [1, 2, 3, 4], samples: [{ value: 2, timestamp: now }], metadata: { type: 2, help_ref: 5 } },
      { labels_refs: [3, 4], samples: [{ value: 3, timestamp: now }] },
    ],
  };
  const { all, consumer } = keepPlain();
  await using api = await startWriteApi(`${both}\nappend_metadata = true`, outTo(consumer));
  const answer = await api.writeV2(message);
  assert.equal(answer.status, 400);
  assert.match(answer.text, /1 series are not valid: series has no metric name/);
  const header = (kind: string) => answer.headers.get(`x-prometheus-remote-write-${kind}-written`);
  assert.deepEqual(['samples', 'histograms', 'exemplars'].map(header), ['1', '0', '0']);
  assert.deepEqual(all[0]?.samples, [{ labels: { __name__: 'up', a: 'b' }, value: 2, timestamp: now, family: 1 }]);
  assert.equal(all[0].families[0]?.help, 'help');
  assert.equal(api.component.metrics()['prometheus_api_remote_write_invalid_labels_samples_total'], 1);

  await using without = await startWriteApi(both, outTo(consumer));
  assert.equal((await without.writeV2({ ...message, timeseries: message.timeseries.slice(0, 1) })).status, 204);
  assert.deepEqual([all[1]?.families, all[1]?.samples[0]?.family], [[], undefined]);
  assert.equal(without.component.metrics()['prometheus_api_remote_write_without_metadata_appended_samples_total'], 1);

  await using onlyFirst = await startWriteApi('', outTo(consumer));
  const refused = await onlyFirst.writeV2(message);
  assert.deepEqual([refused.status, /is not accepted, only prometheus.WriteRequest/.test(refused.text)], [415, true]);
});

test('series of version 2 get their type and unit as labels, if that is wanted', async () => {
  const message = {
    symbols: ['', '__name__', 'up', '__type__', 'mine', 'seconds'],
    timeseries: [
      { labels_refs: [1, 2, 3, 4], samples: [{ value: 1, timestamp: now }], metadata: { type: 2, unit_ref: 5 } },
      { labels_refs: [1, 2, 3, 4], samples: [{ value: 2, timestamp: now }], metadata: { help_ref: 5 } },
      { labels_refs: [1, 2], samples: [{ value: 3, timestamp: now }] },
    ],
  };
  const { all, consumer } = keepPlain();
  await using api = await startWriteApi(`${both}\nenable_type_and_unit_labels = true`, outTo(consumer));
  assert.equal((await api.writeV2(message)).status, 204);
  assert.deepEqual(
    all[0]?.samples?.map(({ labels }) => labels),
    [{ __name__: 'up', __type__: 'gauge', __unit__: 'seconds' }, { __name__: 'up', __type__: 'mine' }, { __name__: 'up' }],
  ); // prettier-ignore
});

test('series of version 1 that are not valid are left out', async () => {
  const { all, consumer } = keepPlain();
  await using api = await startWriteApi('', outTo(consumer));
  const message = { timeseries: [...one.timeseries, seriesV1({ job: 'x' }, [1, now])] };
  assert.equal((await api.write(message)).status, 204);
  assert.equal(all[0]?.samples.length, 1);
  assert.ok(api.component.logged.some(({ level }) => level === 'warn'));
});

test('samples that are far in the future are left out, and the client is told', async () => {
  const { all, consumer } = keepPlain();
  await using api = await startWriteApi('', outTo(consumer));
  const future = now + 60 * 60_000;
  const answer = await api.write({ timeseries: [...one.timeseries, seriesV1({ __name__: 'late' }, [1, future])] });
  assert.deepEqual([answer.status, /out of bounds/.test(answer.text)], [400, true]);
  assert.equal(all[0]?.samples.length, 1);
  const dropped = api.component.metrics()['prometheus_receive_http_samples_dropped_total{reason="out_of_bounds"}'];
  assert.equal(dropped, 1);
});

test('what is no request is refused', async () => {
  const body = bodyV1(one);
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const cases: readonly [what: string, body: Buffer, headers: Readonly<Record<string, string>>, status: number][] = [
    ['no type is version 1', body, {}, 204],
    ['parameter', body, { 'content-type': 'application/x-protobuf;proto=prometheus.WriteRequest' }, 204],
    ['another parameter', body, { 'content-type': 'application/x-protobuf; charset=x' }, 204],
    ['snappy is said', body, { ...protobuf, 'content-encoding': 'snappy' }, 204],
    ['another encoding', body, { ...protobuf, 'content-encoding': 'gzip' }, 415],
    ['another type', body, { 'content-type': 'application/json' }, 415],
    ['bad parameter', body, { 'content-type': 'application/x-protobuf;proto' }, 415],
    ['unknown message', body, { 'content-type': 'application/x-protobuf;proto=x.Y' }, 415],
    ['message not accepted', body, { 'content-type': contentTypeV2 }, 415],
    ['no snappy', Buffer.from('nothing'), protobuf, 400],
    ['empty', Buffer.alloc(0), protobuf, 400],
    ['no protobuf', Buffer.from([3, 8, 0xff, 0xff, 0xff]), protobuf, 400],
    ['too large when unpacked', Buffer.from([0x80, 0x80, 0x80, 0x20, 0]), protobuf, 413],
    ['too large', Buffer.alloc(33 * 1024 * 1024), protobuf, 413],
  ];
  await using api = await startWriteApi('', outTo(collect(metricsSignal)));
  for (const [what, bytes, headers, status] of cases) {
    const answer = await api.post(bytes, headers);
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
  }
  assert.equal((await fetch(api.url)).status, 405);
  assert.equal(api.component.metrics()['prometheus_receive_http_inflight_bytes'], 0);
});

test('series are held as long as their samples are under way, and not longer', async () => {
  const out = holdBack<SampleBatch>();
  await using api = await startWriteApi('', outTo(out));
  const lingering = allSeries.lingering;
  const answer = api.write({ timeseries: [seriesV1({ __name__: 'held', only: 'here' }, [1, now], [2, now + 1])] });
  await until(() => out.held === 1);
  assert.equal(allSeries.lingering, lingering);
  out.deliver();
  await answer;
  assert.equal(allSeries.lingering, lingering + 1);
});

test('wrong arguments are told', () => {
  const cases: readonly [text: string, problem: RegExp][] = [
    ['accepted_remote_write_protobuf_messages = []', /must not be empty/],
    ['accepted_remote_write_protobuf_messages = ["x"]', /want one of/],
    ['graceful_shutdown_timeout = "0s"', /must be greater than 0/],
  ];
  const names = outTo(collect(metricsSignal)).names;
  for (const [text, problem] of cases) {
    const problems = problemsOf(prometheusReceiveHttp, `forward_to = [out]\n${text}`, names);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', problem);
  }
  assert.match(problemsOf(prometheusReceiveHttp, `forward_to = [out]\n${both}`, names, 'generally-available')[0] ?? '', /experimental/); // prettier-ignore
});
