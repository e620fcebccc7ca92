import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { logs } from '../../../model/signal.ts';
import { receiverFor } from '../../../testkit/arguments.ts';
import { holdBack, refuse } from '../../../testkit/collect.ts';
import { linesIn } from '../../../testkit/log-entries.ts';
import { pushBody, startPushApi, streamOf, type PushAnswer } from '../../../testkit/push-client.ts';
import { until } from '../../../testkit/until.ts';

const body = pushBody(streamOf('{a="b"}', 'x'));

function startWith(consumer: Consumer<LogBatch>, options: { text?: string; http?: string } = {}) {
  const { text = '', http = '' } = options;
  return startPushApi(text, { names: { to: receiverFor(logs, consumer) }, forwardTo: '[to]', http });
}

/** Takes nothing until the sender gives up. */
function blocked(): Consumer<LogBatch> & { readonly signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  return {
    signals,
    consume(_batch, { signal }) {
      signals.push(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DeliveryError('nobody waits', { retryable: true })));
      });
    },
  };
}

test('a client is answered when its entries are delivered, not before', async () => {
  const held = holdBack<LogBatch>();
  await using api = await startWith(held);
  const answers: PushAnswer[] = [];
  const push = api.push(body).then((answer) => answers.push(answer));
  await until(() => held.held === 1);
  assert.equal(answers.length, 0);
  assert.equal(api.component.metrics()['loki_source_api_inflight_requests{method="POST",route="loki_api_v1_push"}'], 1);
  held.deliver();
  await push;
  assert.deepEqual(answers, [{ status: 204, text: '', retryAfter: null }]);
});

test('what is refused or lost is answered so that the client sends it again if that can help', async () => {
  const failures: readonly [error: DeliveryError, answer: PushAnswer][] = [
    [new DeliveryError('full', { retryable: true }), { status: 503, text: 'full\n', retryAfter: '5' }],
    [new DeliveryError('wait', { retryable: true, retryAfter: 6400 }), { status: 503, text: 'wait\n', retryAfter: '7' }],
    [new DeliveryError('long', { retryable: true, retryAfter: 1e9 }), { status: 503, text: 'long\n', retryAfter: '300' }],
    [new DeliveryError('wrong', { retryable: false }), { status: 400, text: 'wrong\n', retryAfter: null }],
  ]; // prettier-ignore
  for (const [error, answer] of failures) {
    await using refusing = await startWith(refuse(error));
    assert.deepEqual(await refusing.push(body), answer);
    const held = holdBack<LogBatch>();
    await using losing = await startWith(held);
    const push = losing.push(body);
    await until(() => held.held === 1);
    held.deliver(error);
    assert.deepEqual(await push, answer);
    assert.equal(losing.component.metrics()['loki_source_api_entries_written'], 0);
  }
});

test('a bug downstream is no end of the server', async () => {
  let isBroken = true;
  await using api = await startWith({
    consume() {
      if (isBroken) throw new TypeError('a bug');
    },
  });
  assert.equal((await api.push(body)).status, 400);
  isBroken = false;
  assert.equal((await api.push(body)).status, 204);
});

test('a client does not wait for longer than the write timeout', async () => {
  const held = holdBack<LogBatch>();
  await using api = await startWith(held, { http: 'server_write_timeout = "50ms"' });
  const answer = await api.push(body);
  assert.deepEqual(answer, { status: 503, text: 'entries were not delivered in time\n', retryAfter: '5' });
  assert.ok((api.component.metrics()['loki_source_api_inflight_bytes'] ?? 0) > 0, 'they are still held');
  held.deliver();
  assert.equal(api.component.metrics()['loki_source_api_inflight_bytes'], 0);
});

test('when the client goes, nobody waits to hand its entries over', async () => {
  const consumer = blocked();
  await using api = await startWith(consumer);
  const abort = new AbortController();
  const headers = { 'content-type': 'application/x-protobuf' };
  const url = `${api.url}/loki/api/v1/push`;
  const push = fetch(url, { method: 'POST', body: new Uint8Array(body), headers, signal: abort.signal });
  await until(() => consumer.signals.length === 1);
  abort.abort();
  await assert.rejects(push);
  await until(() => consumer.signals[0]?.aborted === true);
  await until(() => api.component.metrics()['loki_source_api_inflight_bytes'] === 0);
});

test('when the component stops, requests that are blocked are told to come later', async () => {
  const consumer = blocked();
  await using api = await startWith(consumer);
  const pushes = Array.from({ length: 5 }, () => api.push(body));
  await until(() => consumer.signals.length === 5);
  await api.component.stop();
  const stopping = { status: 503, text: 'the component is stopping\n', retryAfter: '5' };
  assert.deepEqual(
    await Promise.all(pushes),
    Array.from(pushes, () => stopping),
  );
  await assert.rejects(api.push(body));
});

test('when the component stops, entries that were accepted can still be delivered until it is closed', async () => {
  const held = holdBack<LogBatch>();
  const api = await startWith(held);
  const pushes = [api.push(body), api.push(body)];
  await until(() => held.held === 2);
  await api.component.stop();
  held.deliver();
  assert.equal((await Promise.race(pushes)).status, 204);
  await api[Symbol.asyncDispose]();
  const statuses = (await Promise.all(pushes)).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set([204, 503]));
});

test('other arguments take effect while requests are under way, and no connection is lost', async () => {
  const held = holdBack<LogBatch>();
  await using api = await startWith(held);
  const first = api.push(body);
  await until(() => held.held === 1);
  await api.component.update(api.config('labels = {version = "two"}'));
  const second = api.push(body);
  await until(() => held.held === 2);
  await api.component.update(api.config('max_send_message_size = "10B"', 'conn_limit = 50'));
  assert.equal((await api.push(body)).status, 413);
  held.deliverAll();
  assert.deepEqual([(await first).status, (await second).status], [204, 204]);
  assert.deepEqual(
    held.batches.map(({ streams }) => streams.map(String)),
    [['{a="b"}'], ['{a="b", version="two"}']],
  );
  assert.equal(api.component.metrics()['loki_source_api_tcp_connections_limit{protocol="http"}'], 50);
  assert.equal(api.component.logged.filter(({ message }) => message === 'server listening').length, 1);
});

test('under load, reloads lose no request', async () => {
  await using api = await startPushApi();
  let isDone = false;
  const statuses: number[] = [];
  const sent: string[] = [];
  const client = async (name: number): Promise<void> => {
    for (let index = 0; !isDone; index++) {
      const line = `${name}.${index}`;
      sent.push(line);
      statuses.push((await api.push(pushBody(streamOf('{a="b"}', line)))).status);
    }
  };
  const clients = Array.from({ length: 8 }, (_, name) => client(name));
  for (let version = 0; version < 20; version++) {
    const before = statuses.length;
    await api.component.update(api.config(`labels = {version = "${version}"}`));
    await until(() => statuses.length > before + 5);
  }
  isDone = true;
  await Promise.all(clients);
  assert.deepEqual(new Set(statuses), new Set([204]));
  assert.equal(api.component.out.count, sent.length);
  assert.deepEqual(new Set(linesIn(api.component.out.batches)), new Set(sent));
});
