import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('labels are set to fixed values, also where they are there', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.static_labels { values = { a = "1", b = null, c = "", "with-dash" = "x", n = 5 } }',
    { line: 'x', labels: { a: 'old', b: 'kept', c: 'kept' } },
    { line: 'y' },
    { line: 'z', labels: { a: 'old', b: 'kept', c: 'kept' } },
  );
  const labels = { a: '1', b: 'kept', c: 'kept', n: '5', 'with-dash': 'x' };
  assert.deepEqual(entries, [
    { line: 'x', labels },
    { line: 'y', labels: { a: '1', n: '5', 'with-dash': 'x' } },
    { line: 'z', labels },
  ]);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [values: string, problem: string][] = [
    ['', '1:1: missing required attribute "values"'],
    ['values = { "" = "x" }', '2:10: label names must not be empty'],
    ['values = { a = true }', '2:16: true should be string, got bool'],
  ];
  for (const [values, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.static_labels {\n${values}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
