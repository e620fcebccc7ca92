import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const json = 'stage.json { expressions = { app = "", n = "", nothing = "", label_extra = "" } }';

async function run(metadata: string, entry: TestEntry, before = json) {
  const { entries } = await putThrough(lokiProcess, `${before}\nstage.structured_metadata {\n${metadata}\n}`, entry);
  assert.equal(entries[0]?.line, entry.line);
  const { labels = {}, metadata: pairs = {} } = entries[0] ?? {};
  return { labels, metadata: pairs };
}

test('extracted values become structured metadata, as text', async () => {
  assert.deepEqual(await run('values = { app = "", number = "n" }', { line: '{"app":"loki","n":1.0}' }), {
    labels: {},
    metadata: { app: 'loki', number: '1' },
  });
  assert.deepEqual(await run('values = { nothing = null, missing = null }', { line: '{"nothing":null}' }), {
    labels: {},
    metadata: {},
  });
});

test('a label that is used is removed, and wins over an extracted value', async () => {
  const labels = { app: 'label', job: 'test' };
  assert.deepEqual(await run('values = { app = "" }', { line: '{"app":"extracted"}', labels }), {
    labels: { job: 'test' },
    metadata: { app: 'label' },
  });
  assert.deepEqual(await run('values = { a = "app", b = "app" }', { line: 'x', labels }), {
    labels: { job: 'test' },
    metadata: { a: 'label', b: 'label' },
  });
});

test('a pair of a name that is there is replaced, and the others stay', async () => {
  const entry = { line: '{"app":"new","n":2}', metadata: { first: '1', app: 'old', last: '3' } };
  const { metadata } = await run('values = { app = "", n = "" }', entry);
  assert.deepEqual(Object.entries(metadata), [
    ['first', '1'],
    ['app', 'new'],
    ['last', '3'],
    ['n', '2'],
  ]);
  const { entries } = await putThrough(
    lokiProcess,
    `stage.structured_metadata { values = { a = "x" } }
     stage.structured_metadata { values = { a = "y" } }`,
    { line: 'z', labels: { x: '1', y: '2' } },
  );
  assert.deepEqual(entries, [{ line: 'z', metadata: { a: '2' } }]);
});

test('extracted values and labels whose names match are added under their names', async () => {
  const entry = {
    line: '{"label_extra":"e","app":"x"}',
    labels: { label_a: '1', label_b: '2', other: '3', pod: 'web-1' },
  };
  assert.deepEqual(await run('regex = "label_.*"', entry), {
    labels: { other: '3', pod: 'web-1' },
    metadata: { label_a: '1', label_b: '2', label_extra: 'e' },
  });
  assert.deepEqual(await run('values = { pod_name = "pod" }\nregex = "label_.*"', entry), {
    labels: { other: '3' },
    metadata: { label_a: '1', label_b: '2', label_extra: 'e', pod_name: 'web-1' },
  });
  assert.deepEqual(await run('values = { pod_name = "pod" }\nregex = ""', entry), {
    labels: { label_a: '1', label_b: '2', other: '3' },
    metadata: { pod_name: 'web-1' },
  });
});

test('a label that was moved under another name is not moved again', async () => {
  const before = 'stage.json { expressions = { pod = "p" } }';
  assert.deepEqual(
    await run(
      'values = { name = "pod" }\nregex = "^pod$"',
      { line: '{"p":"extracted"}', labels: { pod: 'label' } },
      before,
    ),
    { labels: {}, metadata: { name: 'label', pod: 'extracted' } },
  );
});

test('the regular expression sees every extracted value, also of names that no stage has', async () => {
  const before = `
    stage.json { regex = "^k" }
    stage.logfmt {
      regex  = "^k"
      source = "kv"
    }
    stage.regex { expression = "(?P<kr>b)" }`;
  assert.deepEqual(
    await run('regex = "^k"', { line: '{"ka":1,"kv":"kb=2 c=3","x":4,"kn":null}', labels: { y: '5' } }, before),
    { labels: { y: '5' }, metadata: { ka: '1', kb: '2', kr: 'b', kv: 'kb=2 c=3' } },
  );
});

test('a label that was dropped is still an extracted value', async () => {
  assert.deepEqual(
    await run('regex = "^gone"', { line: 'x', labels: { gone: '1', kept: '2' } }, 'stage.label_drop { values = ["gone"] }'),
    { labels: { kept: '2' }, metadata: { gone: '1' } },
  ); // prettier-ignore
});

test('entries of different labels do not share anything', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    `${json}\nstage.structured_metadata { values = { app = "", n = "" } }`,
    { line: '{"app":"a","n":1}', labels: { job: 'x' } },
    { line: '{"n":2}', labels: { job: 'y' }, metadata: { m: '0' } },
    { line: 'none', labels: { job: 'x', app: 'l' } },
    { line: '{"app":"a","n":1}', labels: { job: 'x' } },
    { line: 'none', metadata: { m: '1' } },
    { line: 'none' },
  );
  assert.deepEqual(entries, [
    { line: '{"app":"a","n":1}', labels: { job: 'x' }, metadata: { app: 'a', n: '1' } },
    { line: '{"n":2}', labels: { job: 'y' }, metadata: { m: '0', n: '2' } },
    { line: 'none', labels: { job: 'x' }, metadata: { app: 'l' } },
    { line: '{"app":"a","n":1}', labels: { job: 'x' }, metadata: { app: 'a', n: '1' } },
    { line: 'none', metadata: { m: '1' } },
    { line: 'none' },
  ]);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [metadata: string, problem: string][] = [
    ['values = { "" = "x" }', '2:10: names must not be empty'],
    ['regex = "("', '2:9: "(" is not valid: error parsing regexp: missing closing ): `(`'],
  ];
  for (const [metadata, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.structured_metadata {\n${metadata}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
