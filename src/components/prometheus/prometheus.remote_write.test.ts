import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../testkit/run-component.ts';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../testkit/remote-write.ts';
import { startWriteReceiver } from '../../testkit/remote-write-receiver.ts';
import { until } from '../../testkit/until.ts';
import { prometheusRemoteWrite } from './prometheus.remote_write.ts';

const v2 = 'protobuf_message = "io.prometheus.write.v2.Request"';
const now = 1_700_000_000_000;

test('samples are sent with the headers of their protocol', async () => {
  const cases = [
    ['', 'application/x-protobuf', '0.1.0'],
    [v2, 'application/x-protobuf;proto=io.prometheus.write.v2.Request', '2.0.0'],
  ] as const;
  for (const [protocol, contentType, version] of cases) {
    await using receiver = await startWriteReceiver();
    await using c = await runRemoteWrite(writeEndpoint(receiver, protocol));
    await sendSamples(c.exports.receiver, [sample('up', 1, now, { job: 'a' }), sample('up', 0.5, now, { job: 'b' })]).delivered; // prettier-ignore
    await receiver.series(2);
    assert.deepEqual(receiver.texts, [`up{job="a"} 1 @${now}`, `up{job="b"} 0.5 @${now}`]);
    const [request] = receiver.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request.headers['content-type'], contentType);
    assert.equal(request.headers['content-encoding'], 'snappy');
    assert.equal(request.headers['x-prometheus-remote-write-version'], version);
    assert.equal(request.headers['user-agent'], 'Test/v0.0.0');
    assert.deepEqual([request.headers['x-alloy-id'], request.headers['x-agent-id']], ['test-id', 'test-id']);
    assert.equal(request.headers['retry-attempt'], undefined);
    await until(() => writeMetric(c, 'samples_total') === 2);
    assert.equal(writeMetric(c, 'samples_pending'), 0);
    assert.equal(writeMetric(c, 'queue_highest_sent_timestamp_seconds'), now / 1000);
  }
});

test('custom headers win over those that are set anyway', async () => {
  await using receiver = await startWriteReceiver();
  const headers = 'headers = {"X-Scope-OrgID" = "team", "User-Agent" = "mine", "x-prometheus-remote-write-version" = "9"}';
  await using c = await runRemoteWrite(writeEndpoint(receiver, headers));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  const [request] = await receiver.attempts(1);
  const { 'x-scope-orgid': tenant, 'user-agent': agent, ...rest } = request?.headers ?? {};
  assert.deepEqual([tenant, agent, rest['x-prometheus-remote-write-version']], ['team', 'mine', '9']);
}); // prettier-ignore

test('external labels and rules make the labels; those of the series win', async () => {
  await using receiver = await startWriteReceiver();
  const rules = `write_relabel_config {
    source_labels = ["__name__"]
    regex         = "noise.*"
    action        = "drop"
  }
  write_relabel_config {
    regex  = "pod"
    action = "labeldrop"
  }`;
  const text = `${writeEndpoint(receiver, rules)} external_labels = {cluster = "eu", zone = "1"}`;
  await using c = await runRemoteWrite(text);
  for (const time of [now, now + 1]) {
    await sendSamples(c.exports.receiver, [
      sample('up', 1, time, { pod: 'p', zone: '2' }),
      sample('noise_total', 1, time),
      sample('up', 2, time, { cluster: 'own', zone: '3' }),
    ]).delivered;
  }
  await receiver.series(4);
  const expected = (time: number): string[] => [
    `up{cluster="eu",zone="2"} 1 @${time}`,
    `up{cluster="own",zone="3"} 2 @${time}`,
  ];
  assert.deepEqual(receiver.texts, [...expected(now), ...expected(now + 1)]);
  assert.equal(writeMetric(c, 'samples_dropped_total', /reason="dropped_series"/), 2);

  await c.update(`${writeEndpoint(receiver)} external_labels = {cluster = "us"}`);
  await sendSamples(c.exports.receiver, [sample('up', 3, now)]).delivered;
  await receiver.series(5);
  assert.equal(receiver.texts.at(-1), `up{cluster="us"} 3 @${now}`);
});

test('samples of many batches go into one request, up to its size', async () => {
  await using receiver = await startWriteReceiver();
  const queue = 'max_samples_per_send = 10\nbatch_send_deadline = "30ms"';
  await using c = await runRemoteWrite(writeEndpoint(receiver, 'send_exemplars = false', queue));
  const sent = Array.from({ length: 25 }, (_, at) => sendSamples(c.exports.receiver, [sample('n', at, now + at)]));
  await Promise.all(sent.map(({ delivered }) => delivered));
  await receiver.series(25);
  assert.deepEqual(receiver.requests.map(({ series }) => series.length), [10, 10, 5]);
  assert.deepEqual(receiver.accepted.map(({ samples }) => samples[0]?.value), Array.from({ length: 25 }, (_, at) => at));
}); // prettier-ignore

test('with exemplars a request may have a tenth more', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'max_samples_per_send = 10'));
  await sendSamples(c.exports.receiver, Array.from({ length: 22 }, (_, at) => sample('n', at, now + at))).delivered;
  await receiver.series(22);
  assert.deepEqual(receiver.requests.map(({ series }) => series.length), [11, 11]);
}); // prettier-ignore

test('every endpoint gets everything, also when another one fails', async () => {
  await using working = await startWriteReceiver();
  await using dead = await startWriteReceiver();
  dead.answer(503);
  const text = writeEndpoint(working) + writeEndpoint(dead).replace('"test"', '"dead"');
  await using c = await runRemoteWrite(text);
  for (let at = 0; at < 5; at++) await sendSamples(c.exports.receiver, [sample('n', at, now + at)]).delivered;
  await working.series(5);
  assert.equal(writeMetric(c, 'samples_pending', /"dead"/), 5);
  dead.answer(204);
  await dead.series(5);
  assert.deepEqual(dead.texts, working.texts);
});

test('wrong arguments are told', () => {
  const url = 'url = "http://mimir/api/v1/push"';
  const cases: readonly [text: string, problem: RegExp][] = [
    [`endpoint {\n ${url}\n azuread { }\n}`, /exactly one of managed_identity/],
    [`endpoint {\n ${url}\n google_iam { }\n sigv4 { }\n}`, /^at most one of sigv4, azuread, google_iam, basic_auth/],
    [`endpoint {\n ${url}\n bearer_token = "x"\n basic_auth { }\n}`, /^at most one of basic_auth/],
    [`endpoint {\n ${url}\n}\nendpoint {\n ${url}\n}`, /^duplicate remote write configs are not allowed$/],
    [
      `endpoint {\n ${url}\n name = "a"\n}\nendpoint {\n url = "http://other"\n name = "a"\n}`,
      /^found multiple endpoints with the name "a"$/,
    ],
    ['endpoint {\n url = "mimir"\n}', /is not an absolute URL$/],
    [`endpoint {\n ${url}\n protobuf_message = "v3"\n}`, /want one of/],
    ['wal {\n truncate_frequency = "0s"\n}', /truncate_frequency must not be 0$/],
    ['wal {\n min_keepalive_time = "9h"\n}', /min_keepalive_time must be smaller than max_keepalive_time$/],
  ];
  for (const [text, problem] of cases) {
    const problems = problemsOf(prometheusRemoteWrite, text);
    assert.equal(problems.length, 1, text);
    assert.match(problems[0] ?? '', problem);
  }
  assert.deepEqual(problemsOf(prometheusRemoteWrite, ''), []);
  const [problem] = problemsOf(prometheusRemoteWrite, `endpoint {\n ${url}\n ${v2}\n}`, {}, 'generally-available');
  assert.match(problem ?? '', /requires stability.level flag to be experimental$/);
});
