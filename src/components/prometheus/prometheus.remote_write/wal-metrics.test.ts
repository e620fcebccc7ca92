import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { metricSum, runRemoteWrite, sample, sendSamples, writeEndpoint } from '../../../testkit/remote-write.ts';
import { startWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const now = Date.now() - 60_000;

test('what comes in is told as other agents tell it', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver) + writeEndpoint(receiver).replace('"test"', '"two"'));
  const labels = { __name__: 'wal_one' };
  const exemplars = [{ labels, exemplar: { id: 'x' }, value: 1, timestamp: now }];
  const families = [{ name: 'wal_one', type: 1, help: 'h', unit: '' }] as const;
  const samples = [sample('wal_one', 1, now), sample('wal_two', 1, now + 5), sample('wal_two', 2, now + 4)];
  await sendSamples(c.exports.receiver, { samples, exemplars, families }).delivered;
  const cases: readonly [name: string, value: number][] = [
    ['storage_active_series', 2],
    ['storage_created_series_total', 2],
    ['storage_removed_series_total', 0],
    ['out_of_order_samples_total', 1],
    ['samples_appended_total', 3],
    ['exemplars_appended_total', 1],
    ['metadata_updates_total', 1],
    ['corruptions_total', 0],
  ];
  for (const [name, value] of cases) assert.equal(metricSum(c, `prometheus_remote_write_wal_${name}`), value, name);
  assert.equal(metricSum(c, 'prometheus_remote_storage_highest_timestamp_in_seconds'), (now + 5) / 1000);
  // What is out of order is sent all the same, to each endpoint.
  await receiver.series(8);
});

test('what happens on disk is told, also of what an earlier run has left', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using receiver = await startWriteReceiver();
  receiver.answer(503);
  const text = writeEndpoint(receiver);
  {
    await using c = await runRemoteWrite(text, folder);
    for (let at = 0; at < 3; at++) await sendSamples(c.exports.receiver, [sample('n', at, now + at)]).delivered;
    const tsdb = (name: string): number => metricSum(c, `prometheus_tsdb_wal_${name}`);
    assert.equal(tsdb('record_part_writes_total'), 3);
    assert.equal(tsdb('fsync_duration_seconds_count'), 3);
    assert.equal(tsdb('segment_current'), 1);
    assert.ok(tsdb('record_parts_bytes_written_total') > 300);
    assert.equal(tsdb('storage_size_bytes'), tsdb('record_parts_bytes_written_total'));
    assert.equal(metricSum(c, 'prometheus_wal_watcher_samples_sent_pre_tailing_total', /consumer="test"/), 0);
  }
  receiver.answer(204);
  await using c = await runRemoteWrite(text, folder);
  await receiver.series(3);
  await until(() => metricSum(c, 'prometheus_tsdb_wal_truncations_total') === 1);
  const watcher = (name: string): number => metricSum(c, `prometheus_wal_watcher_${name}`, /consumer="test"/);
  assert.equal(watcher('records_read_total'), 3);
  assert.equal(watcher('samples_sent_pre_tailing_total'), 3);
  assert.equal(watcher('record_decode_failures_total'), 0);
  assert.equal(metricSum(c, 'prometheus_tsdb_wal_truncations_failed_total'), 0);
  assert.ok(metricSum(c, 'prometheus_remote_write_data_replay_duration_seconds') > 0);
});

test('the metrics of an endpoint that is removed go with it', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver));
  await sendSamples(c.exports.receiver, [sample('n', 1, now)]).delivered;
  await receiver.series(1);
  await c.update('');
  const ofEndpoint = (): string[] => Object.keys(c.metrics()).filter((key) => /(?:remote_name|consumer)=/.test(key));
  await until(() => ofEndpoint().length === 0);
});
