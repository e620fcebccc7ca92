import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const json = 'stage.json { expressions = { app = "", level = "", nothing = "", obj = "", n = "", yes = "" } }';

test('labels get extracted values as text', async () => {
  const cases: readonly [values: string, line: string, labels: Readonly<Record<string, string>>][] = [
    ['app = null', '{"app":"loki"}', { app: 'loki' }],
    ['app = ""', '{"app":"loki"}', { app: 'loki' }],
    ['name = "app"', '{"app":"loki"}', { name: 'loki' }],
    ['a = "app", b = "app", level = "n"', '{"app":"x","level":"y","n":2.50}', { a: 'x', b: 'x', level: '2.5' }],
    ['n = ""', '{"n":1562723913000}', { n: '1562723913000' }],
    ['n = ""', '{"n":1.0}', { n: '1' }],
    ['n = ""', '{"n":1e-7}', { n: '0.0000001' }],
    ['yes = ""', '{"yes":false}', { yes: 'false' }],
    ['obj = ""', '{"obj":{"a":[1]}}', { obj: '{"a":[1]}' }],
    ['app = ""', '{"app":""}', { app: '' }],
    ['unknown = "", nothing = ""', '{"nothing":null}', {}],
    ['"pizza-flavour" = "app"', '{"app":"fugazzeta"}', { 'pizza-flavour': 'fugazzeta' }],
  ];
  for (const [values, line, labels] of cases) {
    const { entries } = await putThrough(lokiProcess, `${json}\nstage.labels { values = { ${values} } }`, {
      line,
      labels: { job: 'test' },
    });
    assert.deepEqual(entries, [{ line, labels: { ...labels, job: 'test' } }], values);
  }
});

test('a value that is missing or nothing leaves the label as it is', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    `${json}\nstage.labels { values = { app = "nothing", level = "unknown", job = "app" } }`,
    { line: '{"nothing":null,"app":"new"}', labels: { app: 'old', job: 'old', level: 'old' } },
  );
  assert.deepEqual(entries[0]?.labels, { app: 'old', job: 'new', level: 'old' });
});

test('each entry gets its own values, whatever the one before it had', async () => {
  const lines: readonly [line: string, job: string][] = [
    ['{"app":"a","level":"1"}', 'x'],
    ['{"app":"a","level":"1"}', 'x'],
    ['{"app":"a","level":"1"}', 'y'],
    ['{"app":"b","level":"1"}', 'y'],
    ['{"app":"b"}', 'y'],
    ['{}', 'y'],
    ['no JSON', 'y'],
    ['{"app":"b"}', 'y'],
    ['{"app":"a","level":"1"}', 'x'],
  ];
  const { entries } = await putThrough(
    lokiProcess,
    `${json}\nstage.labels { values = { app = "", level = "" } }`,
    ...lines.map(([line, job]) => ({ line, labels: { job } })),
  );
  assert.deepEqual(
    entries.map(({ labels }) => labels),
    [
      { app: 'a', job: 'x', level: '1' },
      { app: 'a', job: 'x', level: '1' },
      { app: 'a', job: 'y', level: '1' },
      { app: 'b', job: 'y', level: '1' },
      { app: 'b', job: 'y' },
      { job: 'y' },
      { job: 'y' },
      { app: 'b', job: 'y' },
      { app: 'a', job: 'x', level: '1' },
    ],
  );
});

test('labels may come from structured metadata, which stays', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    `stage.labels {
       values      = { component = "", kind = "type", none = "" }
       source_type = "structured_metadata"
     }`,
    { line: 'x', labels: { component: 'old', none: 'kept' }, metadata: { component: 'web', type: 'job', other: 'y' } },
    { line: 'y' },
  );
  assert.deepEqual(entries, [
    {
      line: 'x',
      labels: { component: 'web', kind: 'job', none: 'kept' },
      metadata: { component: 'web', type: 'job', other: 'y' },
    },
    { line: 'y' },
  ]);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [labels: string, problem: string][] = [
    ['', '1:1: missing required attribute "values"'],
    ['values = { "" = "a" }', '2:10: label names must not be empty'],
    ['values = { a = [] }', '2:16: [] should be string, got array'],
    [
      'values = { a = "" }\nsource_type = "labels"',
      '3:15: "labels" is "labels", want one of "extracted", "structured_metadata"',
    ],
  ];
  for (const [labels, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.labels {\n${labels}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
