import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const split = 'stage.split_json { }';
const emptySeries = 'loki_process_dropped_lines_total{reason="split_json_empty"}';

async function linesOf(line: string | Buffer, stages = split): Promise<(string | Buffer)[]> {
  const { entries } = await putThrough(lokiProcess, stages, { line });
  return entries.map((entry) => entry.line);
}

test('each element becomes an entry that is otherwise the same', async () => {
  const rest = { labels: { a: '1' }, time: '2030-01-01T00:00:00.000000001Z', metadata: { m: 'n', o: 'p' } };
  const { entries } = await putThrough(
    lokiProcess,
    split,
    { line: '[{"a":1},{"b":2}]', ...rest },
    { line: 'between' },
    { line: '[ 1 ]', ...rest },
    { line: '["x","y"]' },
  );
  assert.deepEqual(entries, [
    { line: '{"a":1}', ...rest },
    { line: '{"b":2}', ...rest },
    { line: 'between' },
    { line: '1', ...rest },
    { line: '"x"' },
    { line: '"y"' },
  ]);
});

test('elements stay as they are written', async () => {
  const cases: readonly [line: string, want: string[]][] = [
    ['[1,"a",{"b":2},null,true,[2]]', ['1', '"a"', '{"b":2}', 'null', 'true', '[2]']],
    ['[9007199254740993]', ['9007199254740993']],
    ['[1.2300e+02]', ['1.2300e+02']],
    ['\r\n\t [ {"a" : "\\u00e9 é"} ,\n2 ] \n', ['{"a" : "\\u00e9 é"}', '2']],
  ];
  for (const [line, want] of cases) assert.deepEqual(await linesOf(line), want, line);
});

test('anything but one array passes unchanged', async () => {
  const lines = [
    '',
    'text',
    '{"a":[1]}',
    '1',
    '[1] trailing',
    '[1,]',
    '[-01]',
    '\u00a0[1]',
    '[1]\u00a0',
    '[1][2]',
    '[a]',
  ];
  for (const line of lines) assert.deepEqual(await linesOf(line), [line], line);
});

test('an empty array is dropped and counted', async () => {
  const { entries, metrics } = await putThrough(lokiProcess, split, '[]', ' [ \t] ', 'x');
  assert.deepEqual(entries, [{ line: 'x' }]);
  assert.equal(metrics[emptySeries], 2);
});

test('what stages do to one entry of an array does not show in the next', async () => {
  const stages = `
    stage.json { regex = "never" }
    ${split}
    stage.json { regex = "." }
    stage.structured_metadata { regex = "." }
    stage.labels { values = { level = "" } }
    stage.match {
      selector = "{level=\\"a\\"}"
      stage.static_labels { values = { only = "a" } }
      stage.json { expressions = { app = "'changed'" } }
    }
    stage.labels { values = { app = "" } }`;
  const line = '[{"level":"a","x":1},{"y":2},{"level":"b"},[3]]';
  const { entries } = await putThrough(lokiProcess, stages, { line, metadata: { m: 'n' } }, '{"z":1}');
  assert.deepEqual(entries, [
    {
      line: '{"level":"a","x":1}',
      labels: { app: 'changed', level: 'a', only: 'a' },
      metadata: { m: 'n', level: 'a', x: '1' },
    },
    { line: '{"y":2}', metadata: { m: 'n', y: '2' } },
    { line: '{"level":"b"}', labels: { level: 'b' }, metadata: { m: 'n', level: 'b' } },
    { line: '[3]', metadata: { m: 'n' } },
    { line: '{"z":1}', metadata: { z: '1' } },
  ]);
});

test('values extracted before are there in each entry', async () => {
  const stages = `
    stage.json { expressions = { items = "", app = "" } }
    stage.split_json { source = "items" }
    stage.labels { values = { app = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, '{"app":"x","items":[{"a":1},[2,"é"]]}');
  assert.deepEqual(entries, [
    { line: '{"a":1}', labels: { app: 'x' } },
    { line: '[2,"é"]', labels: { app: 'x' } },
  ]);
});

test('a source that is missing or no array leaves the line alone, also where that is an array', async () => {
  const stages = (source: string) => `
    stage.json { expressions = { nothing = "", text = "", n = "" } }
    stage.split_json { source = "${source}" }`;
  for (const source of ['missing', 'nothing', 'text', 'n']) {
    for (const line of ['[1,2]', '{"nothing":null,"text":"[1","n":5}']) {
      assert.deepEqual(await linesOf(line, stages(source)), [line], source);
    }
  }
});

test('arrays may be split again', async () => {
  assert.deepEqual(await linesOf('[[1,2],[],3,[[4]]]', `${split}\n${split}`), ['1', '2', '3', '[4]']);
});

test('any line is split as JSON.parse reads it, or passes', async () => {
  const text = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.array(fc.json({ maxDepth: 2 })).map((all) => `[${all.join(', ')}]`),
  );
  const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('[],"1 '))));
  const line = fc.oneof(
    text.map((json) => Buffer.from(json)),
    bytes.map((all) => Buffer.from(all)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async (lines) => {
      const { entries } = await putThrough(lokiProcess, split, ...lines.map((one): TestEntry => ({ line: one })));
      assert.deepEqual(
        entries.map((entry) => normal(String(entry.line))),
        lines.flatMap((one) => expected(String(one))),
      );
    }),
    { numRuns: 200 },
  );
});

/** JSON in one way of writing it, and other text as it is. */
function normal(text: string): string {
  const data = parsed(text);
  return data === undefined ? text : JSON.stringify(data);
}

function expected(line: string): string[] {
  const data = parsed(line);
  return Array.isArray(data) ? data.map((element) => JSON.stringify(element)) : [normal(line)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return undefined;
  }
}

test('the source must have a name', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.split_json { source = "" }\nforward_to = [out]'), [
    'test.alloy:1:29: source must not be empty',
  ]);
});
