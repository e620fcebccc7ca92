import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('labels are removed, and their extracted values stay', async () => {
  const stages = `
    stage.label_drop { values = ["b", "missing", "c", "b"] }
    stage.labels { values = { was = "b" } }`;
  const { entries } = await putThrough(
    lokiProcess,
    stages,
    { line: 'x', labels: { a: '1', b: '2', c: '3' } },
    { line: 'y', labels: { b: '2' } },
    { line: 'z' },
  );
  assert.deepEqual(entries, [
    { line: 'x', labels: { a: '1', was: '2' } },
    { line: 'y', labels: { was: '2' } },
    { line: 'z' },
  ]);
});

test('at least one label must be named', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.label_drop { values = [] }\nforward_to = [out]'), [
    'test.alloy:1:29: values must name at least one label',
  ]);
});
