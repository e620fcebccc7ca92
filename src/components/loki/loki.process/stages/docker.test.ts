import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('lines of the json-file driver are taken apart, and others stay', async () => {
  const line = (fields: Readonly<Record<string, unknown>>) => JSON.stringify(fields);
  const time = '2019-04-30T02:12:41.8443515Z';
  const unchanged = (text: string): [string, TestEntry] => [text, { line: text }];
  const cases: readonly [line: string, result: TestEntry][] = [
    [line({ log: 'message\n', stream: 'stderr', time }), { line: 'message\n', labels: { stream: 'stderr' }, time }],
    [line({ log: 'x', stream: 'stdout', time: 'hi!' }), { line: 'x', labels: { stream: 'stdout' } }],
    [line({ log: 'x', more: [1, { log: 'y' }] }), { line: 'x', labels: { stream: '' } }],
    [line({ log: 'x', stream: null, time: null }), { line: 'x', labels: { stream: '' } }],
    [`  ${line({ log: 'é "\\ \t', stream: 'stdout' })} `, { line: 'é "\\ \t', labels: { stream: 'stdout' } }],
    unchanged(line({ msg: 'test', stream: 'stdout' })),
    unchanged(line({ log: '', stream: 'stdout' })),
    unchanged(line({ log: { a: 'b' }, stream: 'stdout' })),
    unchanged(line({ log: 1, stream: 'stdout' })),
    unchanged(line({ log: 'x', stream: 1 })),
    unchanged(line({ log: 'x', stream: 'stdout', time: {} })),
    unchanged('not JSON'),
    unchanged('["log"]'),
    unchanged(''),
  ];
  for (const [text, result] of cases) {
    const { entries } = await putThrough(lokiProcess, 'stage.docker { }', text);
    assert.deepEqual(entries, [result], text);
  }
});

test('the fields are extracted', async () => {
  const stages = `
    stage.docker { }
    stage.labels { values = { said = "output", from = "stream", at = "timestamp" } }`;
  const { entries } = await putThrough(
    lokiProcess,
    stages,
    '{"log":"hi","stream":"stdout","time":"yesterday"}',
    '{"log":1}',
  );
  assert.deepEqual(entries, [
    { line: 'hi', labels: { at: 'yesterday', from: 'stdout', said: 'hi', stream: 'stdout' } },
    { line: '{"log":1}' },
  ]);
});
