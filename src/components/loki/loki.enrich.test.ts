import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../testkit/run-component.ts';
import { lokiEnrich } from './loki.enrich.ts';

const targets = `targets = [
  { "hostname" = "one", "__meta_dc" = "eu", "rack" = "r1" },
  { "hostname" = "two", "rack" = "r2", "env" = "dev" },
  { "hostname" = "two", "rack" = "r3" },
  { "rack" = "r4" },
  { "hostname" = "", "rack" = "r5" },
]
target_match_label = "hostname"`;

type Record_ = Readonly<Record<string, string>>;
const cases: readonly [name: string, text: string, labels: Record_, result: Record_][] = [
  ['all labels of the target are copied', '', { hostname: 'one', a: 'b' }, { hostname: 'one', a: 'b', __meta_dc: 'eu', rack: 'r1' }],
  ['only the named ones', 'labels_to_copy = ["rack", "none"]', { hostname: 'one' }, { hostname: 'one', rack: 'r1' }],
  ['labels of entries are replaced', '', { hostname: 'one', rack: 'own' }, { hostname: 'one', __meta_dc: 'eu', rack: 'r1' }],
  ['the labels to compare may differ', 'logs_match_label = "host"', { host: 'one' }, { host: 'one', hostname: 'one', __meta_dc: 'eu', rack: 'r1' }],
  ['then the other label does not count', 'logs_match_label = "host"', { hostname: 'one' }, { hostname: 'one' }],
  ['the last target with a value counts', '', { hostname: 'two' }, { hostname: 'two', rack: 'r3' }],
  ['no target has the value', '', { hostname: 'three' }, { hostname: 'three' }],
  ['the entry lacks the label', '', { a: 'b' }, { a: 'b' }],
]; // prettier-ignore
for (const [name, text, labels, result] of cases) {
  test(`loki.enrich: ${name}`, async () => {
    const metadata = { hostname: 'two' };
    const { entries } = await putThrough(lokiEnrich, `${targets}\n${text}`, { line: 'x', labels, metadata });
    assert.deepEqual(entries, [{ line: 'x', labels: result, metadata }]);
  });
}

test('entries of several streams are told apart', async () => {
  const entries = ['one', 'none', 'two', 'one'].map((hostname) => ({ line: hostname, labels: { hostname } }));
  const result = await putThrough(lokiEnrich, `${targets}\nlabels_to_copy = ["rack"]`, ...entries);
  assert.deepEqual(
    result.entries.map(({ labels }) => labels?.['rack']),
    ['r1', undefined, 'r3', 'r1'],
  );
});

test('what must be given is asked for', () => {
  const missing = problemsOf(lokiEnrich, '').join('\n');
  for (const name of ['targets', 'target_match_label', 'forward_to']) assert.match(missing, new RegExp(`"${name}"`));
});
