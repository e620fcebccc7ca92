import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('an extracted value becomes the line, unless it is missing or nothing', async () => {
  const cases: readonly [source: string, line: string][] = [
    ['message', 'é\n"x"'],
    ['empty', ''],
    ['number', '1.5'],
    ['object', '{"a":1}'],
    ['app', 'from a label'],
  ];
  const document = '{"message":"é\\n\\"x\\"","empty":"","number":1.50,"object":{"a":1.0},"nothing":null}';
  const stages = (source: string) => `
    stage.json { expressions = { message = "", empty = "", number = "", object = "", nothing = "" } }
    stage.output { source = "${source}" }`;
  const entry = { line: document, labels: { app: 'from a label' }, metadata: { a: 'b' } };
  for (const [source, line] of [...cases, ['nothing', document], ['missing', document]] as const) {
    const { entries } = await putThrough(lokiProcess, stages(source), entry);
    assert.deepEqual(entries, [{ ...entry, line }], source);
  }
});

test('stages that follow see the new line', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    `stage.json { expressions = { inner = "" } }
     stage.output { source = "inner" }
     stage.json { expressions = { level = "" } }
     stage.labels { values = { level = "" } }
     stage.drop { longer_than = "20B" }`,
    '{"inner":"{\\"level\\":\\"info\\"}"}',
    '{"inner":"{\\"level\\":\\"warning\\",\\"more\\":1}"}',
  );
  assert.deepEqual(entries, [{ line: '{"level":"info"}', labels: { level: 'info' } }]);
});

test('a source must be named', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.output { source = "" }\nforward_to = [out]'), [
    'test.alloy:1:25: source must not be empty',
  ]);
});
