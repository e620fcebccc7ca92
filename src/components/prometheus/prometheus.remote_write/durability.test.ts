import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  metricSum,
  runRemoteWrite,
  sample,
  sendSamples,
  writeEndpoint,
  writeMetric,
} from '../../../testkit/remote-write.ts';
import { startWriteReceiver, type RemoteWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const now = Date.now() - 60_000;

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function valuesOf({ accepted }: RemoteWriteReceiver): number[] {
  return accepted.flatMap(({ samples }) => samples.map(({ value }) => value));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

type Running = Awaited<ReturnType<typeof runRemoteWrite>>;

/** Sends so many samples of one series, each in a request of its own. */
async function sendEach(c: Running, values: readonly number[]): Promise<void> {
  for (const at of values) await sendSamples(c.exports.receiver, [sample('n', at, now + at)]).delivered;
}

for (const protocol of ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']) {
  test(`what was not sent before a restart is sent first, in its order: ${protocol}`, async (t) => {
    const folder = folderFor(t);
    await using receiver = await startWriteReceiver();
    receiver.answer(503);
    {
      await using c = await runRemoteWrite(writeEndpoint(receiver, `protobuf_message = "${protocol}"`), folder);
      await sendEach(c, upTo(10));
      assert.equal(writeMetric(c, 'samples_pending'), 10);
      assert.equal(writeMetric(c, 'wal_requests'), 10);
    }
    assert.deepEqual(valuesOf(receiver), []);
    receiver.answer(204);
    // Requests are sent in the form they were made for, also when another protocol is used now.
    await using c = await runRemoteWrite(writeEndpoint(receiver), folder);
    await sendEach(c, [10]);
    await receiver.series(11);
    assert.deepEqual(valuesOf(receiver), upTo(11));
    await until(() => writeMetric(c, 'samples_pending') === 0 && writeMetric(c, 'wal_requests') === 0);
    assert.equal(writeMetric(c, 'samples_total'), 11);
  });
}

test('what was acknowledged before a crash is sent after it', async (t) => {
  const [folder, copy] = [folderFor(t), folderFor(t)];
  await using receiver = await startWriteReceiver();
  receiver.answer(503);
  await using c = await runRemoteWrite(writeEndpoint(receiver), folder);
  await sendEach(c, upTo(5));
  cpSync(folder, copy, { recursive: true });
  await using later = await startWriteReceiver();
  await using _ = await runRemoteWrite(writeEndpoint(later), copy);
  await later.series(5);
  assert.deepEqual(valuesOf(later), upTo(5));
});

test('an outage costs nothing, and what comes meanwhile waits on disk', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'max_samples_per_send = 10\ncapacity = 20'));
  await sendEach(c, upTo(2));
  await receiver.series(2);
  await receiver.down();
  for (let at = 2; at < 500; at += 20) {
    const samples = upTo(20).map((index) => sample('n', at + index, now + at + index));
    await sendSamples(c.exports.receiver, samples).delivered;
  }
  assert.ok(writeMetric(c, 'wal_requests') >= 25);
  assert.equal(writeMetric(c, 'enqueue_retries_total'), 0);
  await receiver.up();
  await receiver.series(502);
  assert.deepEqual(valuesOf(receiver), upTo(502));
});

test('when the disk is used up the oldest make room, and are counted', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer(503);
  const wal = 'wal {\n max_size = "8KiB"\n}';
  await using c = await runRemoteWrite(writeEndpoint(receiver) + wal);
  await sendEach(c, upTo(200));
  const dropped = (): number => writeMetric(c, 'samples_dropped_total', /reason="wal_full"/);
  assert.ok(dropped() > 0);
  assert.equal(writeMetric(c, 'samples_pending'), 200 - dropped());
  assert.ok(metricSum(c, 'prometheus_tsdb_wal_storage_size_bytes') <= 8 * 1024);
  receiver.answer(204);
  await receiver.series(200 - dropped());
  // The newest are there, in order.
  assert.deepEqual(valuesOf(receiver), upTo(200).slice(dropped()));
  await until(() => writeMetric(c, 'samples_pending') === 0);
});

test('what has waited too long is dropped and counted', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([{ status: 204, delay: 250 }]);
  const wal = 'wal {\n min_keepalive_time = "1ms"\n max_keepalive_time = "200ms"\n}';
  await using c = await runRemoteWrite(writeEndpoint(receiver) + wal);
  await sendEach(c, upTo(3));
  await until(() => writeMetric(c, 'samples_pending') === 0);
  assert.deepEqual(valuesOf(receiver), [0]);
  assert.equal(writeMetric(c, 'samples_dropped_total', /too_old/), 2);
});

test('samples older than the age limit are dropped, when they come and when they have waited', async () => {
  for (const protocol of ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']) {
    await using receiver = await startWriteReceiver();
    receiver.answer(503);
    const more = `protobuf_message = "${protocol}"\nsend_native_histograms = true`;
    await using c = await runRemoteWrite(writeEndpoint(receiver, more, 'sample_age_limit = "400ms"'));
    const start = Date.now();
    const labels = { __name__: 'requests' };
    const exemplars = [{ labels, exemplar: { id: 'x' }, value: 1, timestamp: start }];
    const samples = [sample('old', 1, start - 1000), sample('aging', 2, start), sample('fresh', 3, start + 60_000)];
    await sendSamples(c.exports.receiver, { samples, exemplars }).delivered;
    assert.equal(writeMetric(c, 'samples_dropped_total', /too_old/), 1);
    await until(() => writeMetric(c, 'samples_dropped_total', /too_old/) === 2);
    receiver.answer(204);
    await receiver.series(1);
    assert.deepEqual(receiver.accepted.map((one) => one.labels), [{ __name__: 'fresh' }]);
    await until(() => writeMetric(c, 'samples_total') === 1 && writeMetric(c, 'samples_pending') === 0);
    assert.equal(writeMetric(c, 'exemplars_dropped_total', /too_old/), 1);
  }
}); // prettier-ignore

test('damage on disk costs what is damaged, and is counted', async (t) => {
  const folder = folderFor(t);
  await using receiver = await startWriteReceiver();
  receiver.answer(503);
  {
    await using c = await runRemoteWrite(writeEndpoint(receiver), folder);
    await sendEach(c, upTo(3));
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));
  const file = path.join(folder, files[0] ?? '');
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  receiver.answer(204);
  await using c = await runRemoteWrite(writeEndpoint(receiver), folder);
  await receiver.series(2);
  assert.deepEqual(valuesOf(receiver), [0, 2]);
  await until(() => metricSum(c, 'prometheus_remote_write_wal_corruptions_total') === 1);
});

test('while the disk cannot be written, samples are sent from memory, and the component is unhealthy', async (t) => {
  const folder = folderFor(t);
  const file = path.join(folder, 'queue');
  writeFileSync(file, 'a file where the folder should be');
  await using receiver = await startWriteReceiver();
  receiver.answer([503]);
  await using c = await runRemoteWrite(writeEndpoint(receiver), folder);
  await sendEach(c, upTo(2));
  assert.deepEqual(valuesOf(receiver), upTo(2));
  assert.match(c.health, /^unhealthy: cannot write to the queue in .*; samples are sent from memory$/);
  rmSync(file);
  await sendEach(c, [2]);
  assert.match(c.health, /^healthy: /);
  await receiver.series(3);
});

test('without disk and server, senders wait when the capacity is used up, and nothing is lost', async (t) => {
  const folder = folderFor(t);
  const file = path.join(folder, 'queue');
  writeFileSync(file, 'a file where the folder should be');
  await using receiver = await startWriteReceiver();
  receiver.answer(503);
  await using c = await runRemoteWrite(writeEndpoint(receiver, '', 'max_samples_per_send = 1\ncapacity = 3'), folder);
  const sent = upTo(6).map((at) => sendSamples(c.exports.receiver, [sample('n', at, now + at)]));
  await until(() => writeMetric(c, 'enqueue_retries_total') === 3);
  receiver.answer(204);
  await Promise.all(sent.map(({ delivered }) => delivered));
  assert.deepEqual(valuesOf(receiver), upTo(6));
});
