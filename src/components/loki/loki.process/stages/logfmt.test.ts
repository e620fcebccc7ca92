import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

async function extracted(logfmt: string, names: readonly string[], line: string) {
  const values = names.map((name) => `${JSON.stringify(name)} = null`).join(', ');
  const { entries } = await putThrough(
    lokiProcess,
    `stage.logfmt {\n${logfmt}\n}\nstage.labels { values = { ${values} } }`,
    line,
  );
  assert.equal(entries[0]?.line, line);
  return entries[0]?.labels ?? {};
}

const line =
  'time=2012-11-01T22:08:41+00:00 app=loki level=WARN duration=125 message="this is a \\"log\\" line" extra="user=foo" bare';

test('the keys that are mapped are extracted as text', async () => {
  const names = ['app', 'out', 'duration', 'bare', 'level', 'missing'];
  assert.deepEqual(
    await extracted('mapping = { out = "message", app = "", duration = null, bare = "", missing = "x" }', names, line),
    { app: 'loki', bare: '', duration: '125', out: 'this is a "log" line' },
  );
});

test('keys whose names match are extracted', async () => {
  const names = ['app', 'level', 'lev', 'duration'];
  assert.deepEqual(await extracted('regex = "^(app|lev.*)$"', names, line), { app: 'loki', level: 'WARN' });
  assert.deepEqual(await extracted('mapping = { lev = "level" }\nregex = "^d"', names, line), {
    duration: '125',
    lev: 'WARN',
  });
});

test('a key that comes again overwrites, and mistakes end the line', async () => {
  const mapping = 'mapping = { a = "", b = "", c = "" }';
  assert.deepEqual(await extracted(mapping, ['a', 'b', 'c'], 'a=1 b=2 a=3'), { a: '3', b: '2' });
  assert.deepEqual(await extracted(mapping, ['a', 'b', 'c'], 'a=1 b=x"y c=3'), { a: '1' });
  assert.deepEqual(await extracted(mapping, ['a', 'b', 'c'], 'a=1\nc=3'), { a: '1', c: '3' });
  assert.deepEqual(await extracted(mapping, ['a', 'b', 'c'], '"no logfmt"'), {});
  assert.deepEqual(await extracted(mapping, ['a', 'b', 'c'], ''), {});
});

test('values may be extracted from an extracted value', async () => {
  const stages = (source: string) => `
    stage.logfmt { mapping = { extra = "" } }
    stage.json { expressions = { nothing = "" } }
    stage.logfmt {
      mapping = { user = "" }
      source  = "${source}"
    }
    stage.labels { values = { user = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages('extra'), line);
  assert.deepEqual(entries[0]?.labels, { user: 'foo' });
  for (const source of ['missing', 'nothing']) {
    const none = await putThrough(lokiProcess, stages(source), line);
    assert.equal(none.entries[0]?.labels, undefined);
  }
});

test('keys that are not there leave what was extracted before', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.logfmt { mapping = { app = "", job = "" } }\nstage.labels { values = { a = "app", j = "job" } }',
    { line: 'app=new', labels: { app: 'old', job: 'old' } },
  );
  assert.deepEqual(entries[0]?.labels, { a: 'new', app: 'old', j: 'old', job: 'old' });
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [logfmt: string, problem: string][] = [
    ['', '1:1: logfmt mapping or regex is required'],
    ['mapping = { }\nregex = ""', '1:1: logfmt mapping or regex is required'],
    ['mapping = { a = "" }\nsource = ""', '3:10: empty source'],
  ];
  for (const [logfmt, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.logfmt {\n${logfmt}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
