import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('all labels but those that are named are removed, and their extracted values stay', async () => {
  const stages = `
    stage.label_keep { values = ["a", "missing", "c", "a"] }
    stage.labels { values = { was = "b" } }`;
  const { entries } = await putThrough(
    lokiProcess,
    stages,
    { line: 'x', labels: { a: '1', b: '2', c: '3', d: '4' } },
    { line: 'y', labels: { b: '2' } },
    { line: 'z' },
    { line: 'v', labels: { a: '', c: '' }, metadata: { b: '2' } },
  );
  assert.deepEqual(entries, [
    { line: 'x', labels: { a: '1', c: '3', was: '2' } },
    { line: 'y', labels: { was: '2' } },
    { line: 'z' },
    { line: 'v', labels: { a: '', c: '' }, metadata: { b: '2' } },
  ]);
});

test('at least one label must be named', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.label_keep { values = [] }\nforward_to = [out]'), [
    'test.alloy:1:29: values must name at least one label',
  ]);
  assert.deepEqual(problemsOf(lokiProcess, 'stage.label_keep { }\nforward_to = [out]'), [
    'test.alloy:1:1: missing required attribute "values"',
  ]);
});
