import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Counter } from '../../component/metrics.ts';
import { parseNetDev, watchProcess } from './process-metrics.ts';

test('the traffic of all interfaces is summed up', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0
  eth0:30 1 0 0 0 0 0 0 40 1 0 0 0 0 0 0
`;
  assert.deepEqual(parseNetDev(text), { received: 130, sent: 240 });
  assert.deepEqual(parseNetDev(''), { received: 0, sent: 0 });
});

test('the process tells of its CPU time and memory, and counters do not fall', () => {
  const collect = watchProcess();
  const read = (): Map<string, number> =>
    new Map(collect().flatMap(({ name, series }) => series.map(({ meter }) => [name, (meter as Counter).value])));
  const first = read();
  const second = read();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
    assert.ok((first.get(name) ?? 0) > 0, name);
  for (const [name, value] of first) {
    assert.ok(Number.isFinite(value), name);
    if (name.endsWith('_total')) assert.ok((second.get(name) ?? 0) >= value, name);
  }
  assert.ok(Math.abs((first.get('process_start_time_seconds') ?? 0) - Date.now() / 1000) < 3600);
});
