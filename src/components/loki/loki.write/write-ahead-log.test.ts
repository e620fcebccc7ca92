import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { endpoint, gate, labelled, linesOf, metric, runWrite } from '../../../testkit/loki-endpoints.ts';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { startLokiReceiver } from '../../../testkit/loki-receiver.ts';
import { runComponent } from '../../../testkit/run-component.ts';
import { until } from '../../../testkit/until.ts';
import { lokiWrite } from '../loki.write.ts';

/** After a failure there is no second attempt, so that no request is on its way when it stops. */
const once = 'min_backoff_period = "1h"\nmax_backoff_period = "1h"';
const wal = 'wal {\n enabled = true\n drain_timeout = "20ms"\n}';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'wal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function segmentsIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.log')).map((name) => path.join(folder, name));
}

test('entries are delivered to the source when they are on the disk, and sent after that', async () => {
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver, '', wal);
  await sendEntries(c.exports.receiver, 'a', labelled('b', { __tenant_id__: 't', app: 'x' })).delivered;
  await isHolding();
  assert.deepEqual(linesOf(receiver), []);
  assert.equal(metric(c, 'wal_records'), 2);
  assert.ok(metric(c, 'wal_bytes') > 0);
  assert.ok(Math.abs(metric(c, 'wal_oldest_record_timestamp_seconds') - Date.now() / 1000) < 60);
  open();
  await receiver.entries(2);
  await until(() => metric(c, 'wal_records') === 0);
  assert.deepEqual(receiver.accepted.map(({ line, labelText, tenant }) => [line, labelText, tenant]), [
    ['a', '{}', undefined],
    ['b', '{app="x"}', 't'],
  ]); // prettier-ignore
  assert.equal(metric(c, 'wal_watcher_records_read_total'), 2);
  assert.equal(metric(c, 'entry_propagation_latency_seconds_count'), 2);
  assert.ok(!Object.keys(c.metrics()).some((key) => key.startsWith('loki_write_wal_oldest')));
});

test('what was not sent is sent by the next run, whatever its age, and once', async (t) => {
  const folder = folderFor(t);
  await using receiver = await startLokiReceiver();
  receiver.answer(503);
  for (const round of [1, 2]) {
    await using c = await runWrite(receiver, once, wal, folder);
    await sendEntries(c.exports.receiver, `${round}a`).delivered;
    await sendEntries(c.exports.receiver, `${round}b`).delivered;
    await receiver.attempts(round);
  }
  receiver.answer(204);
  {
    await using c = await runWrite(receiver, '', wal, folder);
    await receiver.entries(4);
    await until(() => metric(c, 'wal_records') === 0);
  }
  await using c = await runWrite(receiver, '', wal, folder);
  await sendEntries(c.exports.receiver, 'last').delivered;
  await receiver.entries(5);
  assert.deepEqual(linesOf(receiver), ['1a', '1b', '2a', '2b', 'last']);
});

test('a stop sends what it can in time', async (t) => {
  const folder = folderFor(t);
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver, 'batch_wait = "1h"', 'wal {\n enabled = true\n}', folder);
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await c.stop();
  await delivered;
  assert.deepEqual(linesOf(receiver), ['a']);
  assert.deepEqual(segmentsIn(folder), []);
});

test('a dead endpoint does not hold up another before its log is full', async () => {
  await using working = await startLokiReceiver();
  await using dead = await startLokiReceiver();
  dead.answer('hang');
  const limits =
    'remote_timeout = "100ms"\nbatch_size = "1000B"\nqueue_config {\n capacity = "1000B"\n drain_timeout = "20ms"\n}';
  const log = wal.replace('\n}', '\n max_size = "20KB"\n}');
  await using c = await runComponent(lokiWrite, endpoint(working, limits) + endpoint(dead, limits) + log);
  let accepted = 0;
  const line = () => Array.from({ length: 50 }, () => Math.random().toString(36)).join('').slice(0, 500); // prettier-ignore
  const sending = (async () => {
    for (let index = 0; index < 200; index++) {
      await sendEntries(c.exports.receiver, line()).accepted;
      accepted++;
    }
  })();
  await until(() => accepted > 25 && metric(c, 'wal_bytes') > 15_000 && working.accepted.length > 25);
  const before = working.accepted.length;
  dead.answer(204);
  await c.update(endpoint(working, limits) + endpoint(dead, `${limits}\nheaders = {"X-More" = "1"}`) + log);
  await sending;
  await Promise.all([working.entries(200), dead.entries(200)]);
  assert.ok(before < 200, 'when the log is full, senders wait');
});

test('several shards have logs of their own, and those of shards that are gone are sent too', async (t) => {
  const folder = folderFor(t);
  await using receiver = await startLokiReceiver();
  receiver.answer(503);
  const sharded = 'queue_config {\n min_shards = 4\n drain_timeout = "20ms"\n}';
  const lines = Array.from({ length: 20 }, (_, index) => labelled(`${index}`, { app: `${index}` }));
  {
    await using c = await runWrite(receiver, `${once}\n${sharded}`, wal, folder);
    await sendEntries(c.exports.receiver, ...lines).delivered;
    await receiver.attempts(4);
  }
  assert.equal(segmentsIn(folder).length, 4);
  receiver.answer(204);
  // Also where there is no log any more.
  for (const top of [wal, '']) {
    await using c = await runWrite(receiver, '', top, folder);
    await receiver.entries(20);
    await until(() => metric(c, 'wal_records') === 0);
  }
  assert.deepEqual(linesOf(receiver).toSorted(), lines.map(({ line }) => String(line)).toSorted()); // prettier-ignore
});

test('the log of an endpoint that was changed while it did not run goes on with it', async (t) => {
  const folder = folderFor(t);
  await using old = await startLokiReceiver();
  await using present = await startLokiReceiver();
  old.answer(503);
  {
    await using c = await runWrite(old, once, wal, folder);
    await sendEntries(c.exports.receiver, 'a').delivered;
  }
  await using c = await runWrite(present, '', wal, folder);
  await present.entries(1);
  await c.stop();
  assert.equal(readdirSync(path.join(folder, 'wal')).length, 1);
  await using none = await runComponent(lokiWrite, endpoint(old) + endpoint(present) + wal, { dataDir: folder });
  assert.deepEqual(none.logged.filter(({ level }) => level === 'warn'), []); // prettier-ignore
});

test('the log can be switched on and off while it runs', async () => {
  await using receiver = await startLokiReceiver();
  const { open } = gate(receiver);
  await using c = await runWrite(receiver);
  const first = sendEntries(c.exports.receiver, 'a');
  await c.update(endpoint(receiver) + wal);
  await sendEntries(c.exports.receiver, 'b').delivered;
  await c.update(endpoint(receiver));
  const last = sendEntries(c.exports.receiver, 'c');
  open();
  await Promise.all([first.delivered, last.delivered, receiver.entries(3)]);
  assert.deepEqual(linesOf(receiver).toSorted(), ['a', 'b', 'c']);
});

test('damage to the log costs what is damaged, and is counted', async (t) => {
  const folder = folderFor(t);
  await using receiver = await startLokiReceiver();
  receiver.answer(503);
  {
    await using c = await runWrite(receiver, once, wal, folder);
    for (const line of ['a', 'b', 'c']) await sendEntries(c.exports.receiver, line).delivered;
    await receiver.attempts(1);
  }
  const [file = ''] = segmentsIn(folder);
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  receiver.answer(204);
  await using c = await runWrite(receiver, '', wal, folder);
  await receiver.entries(2);
  assert.deepEqual(linesOf(receiver), ['a', 'c']);
  await until(() => metric(c, 'wal_watcher_record_decode_failures_total') === 1);
});

test('while the log cannot be written, entries are sent from memory, and the component is unhealthy', async (t) => {
  const folder = folderFor(t);
  const file = path.join(folder, 'wal');
  writeFileSync(file, 'a file where the folder should be');
  await using receiver = await startLokiReceiver();
  const { isHolding, open } = gate(receiver);
  await using c = await runWrite(receiver, '', wal, folder);
  let isDelivered = false;
  const sent = sendEntries(c.exports.receiver, 'a').delivered.then(() => (isDelivered = true));
  await isHolding();
  assert.equal(isDelivered, false);
  assert.match(c.health, /^unhealthy: cannot write to the queue in .*; entries are sent from memory$/);
  assert.ok(metric(c, 'wal_append_failures_total') > 0);
  open();
  await sent;
  assert.deepEqual(linesOf(receiver), ['a']);
  rmSync(file);
  await sendEntries(c.exports.receiver, 'b').delivered;
  assert.match(c.health, /^healthy: /);
  await receiver.entries(2);
});
