import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('structured metadata is removed, labels and other metadata stay', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.structured_metadata_drop { values = ["a", "missing", "c"] }',
    { line: 'x', labels: { a: 'label' }, metadata: { a: '1', b: '2', c: '3', d: '4' } },
    { line: 'y', metadata: { b: '2', d: '4' } },
    { line: 'z', metadata: { a: '1' } },
    { line: 'v' },
  );
  assert.deepEqual(entries, [
    { line: 'x', labels: { a: 'label' }, metadata: { b: '2', d: '4' } },
    { line: 'y', metadata: { b: '2', d: '4' } },
    { line: 'z' },
    { line: 'v' },
  ]);
});

test('what an earlier stage added is removed as well', async () => {
  const stages = `
    stage.structured_metadata { values = { a = "", b = "" } }
    stage.structured_metadata_drop { values = ["a"] }
    stage.structured_metadata { values = { c = "a" } }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: 'x', labels: { a: '1', b: '2' } });
  assert.deepEqual(entries, [{ line: 'x', metadata: { b: '2', c: '1' } }]);
});

test('at least one name must be given', () => {
  const cases: readonly [values: string, problem: string][] = [
    ['', '1:1: missing required attribute "values"'],
    ['values = []', '2:10: values must name at least one pair'],
  ];
  for (const [values, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.structured_metadata_drop {\n${values}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
