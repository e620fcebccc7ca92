import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeliveryError } from '../../flow/delivery.ts';
import { logs } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { refuse } from '../../testkit/collect.ts';
import { entriesIn, sendEntries, type TestEntry } from '../../testkit/log-entries.ts';
import { problemsOf, putThrough, runComponent } from '../../testkit/run-component.ts';
import { lokiRelabel } from './loki.relabel.ts';

const rule = (body: string) => `rule {\n${body.replaceAll('; ', '\n')}\n}\n`;
const entry = (line: string, labels: Readonly<Record<string, string>>): TestEntry => ({ line, labels });
const cacheOf = (metrics: Readonly<Record<string, number>>) =>
  ['hits', 'misses', 'size'].map((name) => metrics[`loki_relabel_cache_${name}`]);

test('labels are rewritten, and everything else stays', async () => {
  const rules =
    rule('regex = "^kubernetes_(.+)$"; replacement = "$1"; action = "labelmap"') +
    rule('regex = "^kubernetes_.+$"; action = "labeldrop"') +
    rule('source_labels = ["env"]; regex = "d.*"; target_label = "environment"; replacement = "dev"');
  const more = { time: '2030-01-01T00:00:00Z', metadata: { a: 'b' } };
  const { entries } = await putThrough(lokiRelabel, rules, {
    ...entry('x', { kubernetes_pod: 'web-1', env: 'develop', __path__: '/x' }),
    ...more,
  });
  assert.deepEqual(entries, [
    { ...entry('x', { __path__: '/x', env: 'develop', environment: 'dev', pod: 'web-1' }), ...more },
  ]);
});

test('entries are dropped by rules, and when no label is left', async () => {
  const drop = rule('source_labels = ["app"]; regex = "noise"; action = "drop"');
  const dropped = await putThrough(
    lokiRelabel,
    drop,
    { ...entry('1', { app: 'noise' }), metadata: { n: '1' } },
    { ...entry('2', { app: 'web' }), metadata: { n: '2' } },
    entry('3', { app: 'noise' }),
    entry('4', { app: 'db' }),
    { ...entry('5', { app: 'web' }), metadata: { n: '5' } },
    { line: '6' },
  );
  assert.deepEqual(dropped.entries, [
    { ...entry('2', { app: 'web' }), metadata: { n: '2' } },
    entry('4', { app: 'db' }),
    { ...entry('5', { app: 'web' }), metadata: { n: '5' } },
  ]);
  assert.equal(dropped.metrics['loki_relabel_entries_processed'], 6);
  assert.equal(dropped.metrics['loki_relabel_entries_written'], 3);

  const none = await putThrough(
    lokiRelabel,
    rule('regex = ".*"; action = "labeldrop"'),
    entry('1', { a: 'b' }),
    entry('2', { c: 'd' }),
  );
  assert.deepEqual(none.entries, []);
  assert.equal(none.metrics['loki_relabel_entries_written'], 0);
});

test('labels with empty values are none', async () => {
  const { entries } = await putThrough(lokiRelabel, '', entry('1', { a: '', b: 'c' }), entry('2', { a: '' }));
  assert.deepEqual(entries, [entry('1', { b: 'c' })]);
});

test('names that Prometheus did not have are not made', async () => {
  const rules = rule('target_label = "a.b"; replacement = "x"') + rule('target_label = "ab"; replacement = "x"');
  const { entries } = await putThrough(lokiRelabel, rules, entry('1', { 'c.d': 'y' }));
  assert.deepEqual(entries, [entry('1', { ab: 'x', 'c.d': 'y' })]);
});

test('the rules run once for a label set, as long as it is remembered', async () => {
  await using c = await runComponent(
    lokiRelabel,
    `max_cache_size = 4\n${rule('target_label = "x"; replacement = "y"')}forward_to = [out]`,
  );
  const sendStreams = async (...numbers: readonly number[]) =>
    sendEntries(c.exports.receiver, ...numbers.map((n) => entry('x', { app: `${n}` }))).delivered;
  await sendStreams(1, 1, 2);
  assert.deepEqual(cacheOf(c.metrics()), [0, 2, 2]);
  await sendStreams(1, 2, 3);
  assert.deepEqual(cacheOf(c.metrics()), [2, 3, 3]);
  for (let n = 0; n < 1000; n++) await sendStreams(n);
  const [, , size = 0] = cacheOf(c.metrics());
  assert.ok(size >= 4 && size <= 8, `${size} label sets`);
  await sendStreams(0);
  assert.deepEqual(cacheOf(c.metrics()).slice(1, 2), [3 + 1000 - 3 + 1], 'what was not used lately is forgotten');
});

test('label sets whose fingerprints collide are told apart', async () => {
  const rules = rule('source_labels = ["id"]; target_label = "copy"');
  const { entries } = await putThrough(
    lokiRelabel,
    rules,
    entry('1', { id: 'K6sjsNNczPl' }),
    entry('2', { id: 'cswpLMIZpwt' }),
  );
  assert.deepEqual(
    entries.map(({ labels }) => labels?.['copy']),
    ['K6sjsNNczPl', 'cswpLMIZpwt'],
  );
});

test('new rules count at once, and the same entry may go elsewhere unchanged', async () => {
  await using c = await runComponent(lokiRelabel, `${rule('target_label = "x"; replacement = "1"')}forward_to = [out]`);
  const { receiver } = c.exports;
  await sendEntries(receiver, entry('a', { b: 'c' })).delivered;
  await c.update(`${rule('target_label = "x"; replacement = "2"')}forward_to = [out]`);
  await sendEntries(receiver, entry('a', { b: 'c' })).delivered;
  assert.deepEqual(
    entriesIn(c.out.batches).map(({ labels }) => labels),
    [
      { b: 'c', x: '1' },
      { b: 'c', x: '2' },
    ],
  );
});

test('what the next consumer answers is the answer', async () => {
  const error = new DeliveryError('not now', { retryable: true });
  await using c = await runComponent(
    lokiRelabel,
    `${rule('source_labels = ["app"]; regex = "noise"; action = "drop"')}forward_to = [sink]`,
    { names: { sink: receiverFor(logs, refuse(error)) } },
  );
  await assert.rejects(sendEntries(c.exports.receiver, entry('x', { a: 'b' })).delivered, error);
  await sendEntries(c.exports.receiver, entry('x', { app: 'noise' })).delivered;
});

test('the rules are exported for sources', async () => {
  await using c = await runComponent(lokiRelabel, `${rule('target_label = "x"; replacement = "1"')}forward_to = [out]`);
  assert.equal(c.exports.rules.length, 1);
});

test('a cache without room is refused', () => {
  assert.deepEqual(problemsOf(lokiRelabel, 'max_cache_size = 0\nforward_to = []'), [
    'test.alloy:1:18: max_cache_size must be greater than 0',
  ]);
});
