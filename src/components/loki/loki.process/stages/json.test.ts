import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const document = `{
  "time": "2012-11-01T22:08:41+00:00",
  "app": "loki",
  "component": ["parser", "type"],
  "level": "WARN",
  "numeric": { "float": 12.34, "integer": 123, "string": "123" },
  "nested": { "child": "value", "more": [1.0, null, "<&>"] },
  "message": "this is a log line",
  "duration": 125,
  "big": 1562723913000,
  "whole": 1.0,
  "yes": true,
  "nothing": null,
  "complex": { "log": { "array": [{ "test1": "test2" }, { "test3": "test4" }], "prop": "value", "prop2": "val2" } },
  "pod_name": "web-1",
  "pod_index": 3,
  "extra": "{\\"user\\":\\"marco\\"}",
  "a-b": "dashed",
  "x.y": "flat"
}`;

/** The extracted values as labels; what is missing or nothing has none. */
async function extracted(json: string, names: readonly string[], entry: TestEntry | string = document) {
  const values = names.map((name) => `${JSON.stringify(name)} = null`).join(', ');
  const { entries } = await putThrough(lokiProcess, `${json}\nstage.labels { values = { ${values} } }`, entry);
  assert.equal(entries.length, 1);
  return entries[0]?.labels ?? {};
}

function expressions(all: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(all).map(([name, query]) => `${JSON.stringify(name)} = ${JSON.stringify(query)}`);
  return `stage.json { expressions = { ${pairs.join(', ')} } }`;
}

test('expressions find values, which become text as they are written', async () => {
  const cases: readonly [expression: string, value: string | undefined][] = [
    ['message', 'this is a log line'],
    ['app', 'loki'],
    ['duration', '125'],
    ['big', '1562723913000'],
    ['whole', '1'],
    ['numeric.float', '12.34'],
    ['numeric.string', '123'],
    ['yes', 'true'],
    ['nothing', undefined],
    ['unknown', undefined],
    ['app.deeper', undefined],
    ['component', '["parser","type"]'],
    ['component[0]', 'parser'],
    ['component[-1]', 'type'],
    ['component[7]', undefined],
    ['nested', String.raw`{"child":"value","more":[1,null,"\u003c\u0026\u003e"]}`],
    ['nested.child', 'value'],
    ['complex.log.array[1].test3', 'test4'],
    ['complex.log.[prop, prop2]', '["value","val2"]'],
    ['complex.log.{a: prop}', '{"a":"value"}'],
    ['"a-b"', 'dashed'],
    ['"x.y"', 'flat'],
    ['numeric | integer', '123'],
    ['length(component)', '2'],
    ['component[*]', '["parser","type"]'],
    ['app || level', 'loki'],
    ['unknown || level', 'WARN'],
    ["app == 'loki'", 'true'],
    ['to_string(numeric)', '{"float":12.34,"integer":123,"string":"123"}'],
    ['toString', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ];
  for (const [expression, value] of cases) {
    const want = value === undefined ? {} : { it: value };
    assert.deepEqual(await extracted(expressions({ it: expression }), ['it']), want, expression);
    // The same next to an expression that needs the whole document.
    const both = expressions({ it: expression, other: 'numeric.*' });
    assert.deepEqual(await extracted(both, ['it']), want, `${expression} next to another`);
  }
});

test('an empty expression is the name as an expression, or the key it looks like', async () => {
  const cases: readonly [name: string, value: string][] = [
    ['app', 'loki'],
    ['numeric.integer', '123'],
    ['a-b', 'dashed'],
  ];
  for (const [name, value] of cases) {
    for (const expression of ['""', 'null']) {
      const json = `stage.json { expressions = { ${JSON.stringify(name)} = ${expression} } }`;
      assert.deepEqual(await extracted(json, [name]), { [name]: value }, name);
    }
  }
});

test('names of what every object has are only values if they are in the document', async () => {
  for (const more of ['', 'regex = "^x$"']) {
    const json = `stage.json {\n expressions = { constructor = "", toString = "", __proto__ = "" }\n ${more}\n}`;
    const names = ['constructor', 'toString', '__proto__'];
    assert.deepEqual(await extracted(json, names, '{}'), {});
    const labels = await extracted(json, names, '{"constructor":1,"toString":"x","__proto__":true}');
    assert.deepEqual(Object.entries(labels), [
      ['__proto__', 'true'],
      ['constructor', '1'],
      ['toString', 'x'],
    ]);
  }
});

test('values may be extracted from extracted values', async () => {
  const stages = `
    stage.json { expressions = { extra = "", app = "" } }
    stage.json {
      expressions = { user = "" }
      source      = "extra"
    }`;
  assert.deepEqual(await extracted(stages, ['user', 'app']), { app: 'loki', user: 'marco' });
});

test('top-level keys whose names match are extracted with their types', async () => {
  const names = ['pod_name', 'pod_index', 'app', 'nested', 'child', 'nothing', 'yes', 'component'];
  assert.deepEqual(await extracted('stage.json { regex = "pod_.*" }', names), { pod_index: '3', pod_name: 'web-1' });
  assert.deepEqual(await extracted('stage.json { regex = ".*" }', names), {
    app: 'loki',
    component: '["parser","type"]',
    nested: String.raw`{"child":"value","more":[1,null,"\u003c\u0026\u003e"]}`,
    pod_index: '3',
    pod_name: 'web-1',
    yes: 'true',
  });
  assert.deepEqual(await extracted('stage.json {\n expressions = { app = "level" }\n regex = "^app$"\n}', names), {
    app: 'loki',
  });
});

test('null and missing values overwrite what was extracted before', async () => {
  const stages = `
    stage.json { expressions = { a = "", b = "", c = "" } }
    stage.json {
      expressions = { a = "x.a", b = "x.b", c = "x.c" }
    }`;
  assert.deepEqual(await extracted(stages, ['a', 'b', 'c'], '{"a":1,"b":2,"c":3,"x":{"a":null,"c":4}}'), { c: '4' });
  assert.deepEqual(await extracted(expressions({ a: 'a[0]' }), ['a'], { line: '{"a":null}', labels: { a: 'label' } }), {
    a: 'label',
  });
});

test('an expression that fails on the data leaves what was there', async () => {
  const stages = `
    stage.json { expressions = { a = "" } }
    stage.json { expressions = { a = "length(b)" } }`;
  assert.deepEqual(await extracted(stages, ['a'], '{"a":"before","b":5}'), { a: 'before' });
});

test('what is no JSON object passes unchanged, or is dropped and counted', async () => {
  const lines = ['not JSON', '', '[1]', '"text"', '7', 'null', '{"a":1', '{"a":1}}', `{"a":${'['.repeat(100_000)}`];
  for (const queries of ['a', 'a.b', 'a || b']) {
    const fields = `expressions = { a = ${JSON.stringify(queries)} }`;
    const kept = await putThrough(lokiProcess, `stage.json {\n${fields}\n}`, ...lines, '{"a":1}');
    assert.deepEqual(
      kept.entries.map(({ line }) => line),
      [...lines, '{"a":1}'],
    );
    assert.deepEqual(
      Object.keys(kept.metrics).filter((series) => series.includes('json_malformed')),
      [],
    );
    const dropped = await putThrough(
      lokiProcess,
      `stage.json {\n${fields}\ndrop_malformed = true\n}`,
      ...lines,
      '{"a":1}',
    );
    assert.deepEqual(dropped.entries, [{ line: '{"a":1}' }]);
    assert.equal(dropped.metrics['loki_process_dropped_lines_total{reason="json_malformed"}'], lines.length);
  }
});

test('documents that are nested too deeply are no JSON, whatever is asked of them', async () => {
  const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  for (const query of ['a', 'a || b', 'to_string(a)']) {
    assert.deepEqual(await extracted(expressions({ it: query }), ['it'], deep), {}, query);
  }
  assert.deepEqual(await extracted('stage.json { regex = "a" }', ['a'], deep), {});
});

test('a source that is missing, nothing or no JSON leaves the entry alone', async () => {
  const stages = (more: string) => `
    stage.json { expressions = { nothing = "", text = "" } }
    stage.json {
      expressions    = { it = "" }
      ${more}
    }`;
  for (const source of ['nothing', 'missing']) {
    const { entries } = await putThrough(
      lokiProcess,
      stages(`source = "${source}"\ndrop_malformed = true`),
      '{"nothing":null}',
    );
    assert.equal(entries.length, 1, source);
  }
  const { entries } = await putThrough(lokiProcess, stages('source = "text"\ndrop_malformed = true'), '{"text":"x"}');
  assert.deepEqual(entries, []);
});

test('broken text is replaced, not passed on', async () => {
  const line = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from(String.raw`\ud800"}`)]);
  for (const query of ['a', 'a || b']) {
    assert.deepEqual(await extracted(expressions({ a: query }), ['a'], { line }), { a: '\ufffd\ufffd' });
  }
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [json: string, problem: string][] = [
    ['', '1:1: JMES expressions or regex is required'],
    ['regex = ""', '1:1: JMES expressions or regex is required'],
    ['expressions = { }', '1:1: JMES expressions or regex is required'],
    [
      'expressions = {\n a = "b",\n c = "3##@$#33",\n}',
      '4:6: "3##@$#33" is not valid: could not compile JMES expression: SyntaxError: Unknown character:#',
    ],
    ['expressions = { a = 1 }', '2:21: 1 is not valid: could not compile JMES expression: SyntaxError: '],
    ['expressions = { a = [] }', '2:21: [] should be string, got array'],
    ['expressions = { a = "" }\nsource = ""', '3:10: empty source'],
    ['regex = "("', '2:9: "(" is not valid: error parsing regexp: missing closing ): `(`'],
  ];
  for (const [json, problem] of cases) {
    const [first = '', ...more] = problemsOf(lokiProcess, `stage.json {\n${json}\n}\nforward_to = [out]`);
    assert.ok(first.startsWith(`test.alloy:${problem}`), `${first} instead of ${problem}`);
    assert.deepEqual(more, []);
  }
});
