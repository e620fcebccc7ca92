import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const apache = '11.11.11.11 - frank [25/Jan/2000:14:00:01 -0500] "GET /1986.js HTTP/1.1" 200 932 "-" "Mozilla/5.0"';
const pattern =
  '`<ip> <identd> <user> [<time>] "<action> <path> <protocol>" <status> <size> "<referer>" "<useragent>"`';

test('captures are extracted, and may be read by another stage', async () => {
  const names = 'ip identd user time action path protocol status size referer useragent'.split(' ');
  const values = names.map((name) => `${name} = ""`).join(', ');
  const stages = `
    stage.pattern { pattern = ${pattern} }
    stage.pattern {
      pattern = "HTTP/<protocol_version>"
      source  = "protocol"
    }
    stage.labels { values = { ${values}, protocol_version = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, apache, '');
  assert.deepEqual(entries, [
    {
      line: apache,
      labels: {
        action: 'GET',
        identd: '-',
        ip: '11.11.11.11',
        path: '/1986.js',
        protocol: 'HTTP/1.1',
        protocol_version: '1.1',
        referer: '-',
        size: '932',
        status: '200',
        time: '25/Jan/2000:14:00:01 -0500',
        user: 'frank',
        useragent: 'Mozilla/5.0',
      },
    },
    { line: '' },
  ]);
});

test('a line that differs from the pattern sets the captures before that', async () => {
  const stages = `
    stage.pattern { pattern = "<a> [<b>] <c>" }
    stage.labels { values = { a = "", b = "", c = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, 'x [y] z', 'x [y z', { line: 'x', labels: { c: 'old' } });
  assert.deepEqual(
    entries.map(({ labels }) => labels),
    [
      { a: 'x', b: 'y', c: 'z' },
      { a: 'x', b: 'y z' },
      { a: 'x', c: 'old' },
    ],
  );
});

test('an extracted value may be read instead of the line, as text', async () => {
  const stages = (source: string) => `
    stage.json { expressions = { protocol = "", status = "", yes = "", nothing = "", empty = "" } }
    stage.pattern {
      pattern = "HTTP/<v>"
      source  = "${source}"
    }
    stage.pattern {
      pattern = "<all>"
      source  = "${source}"
    }
    stage.labels { values = { v = "", all = "" } }`;
  const line = '{"protocol":"HTTP/1.1","status":200,"yes":true,"nothing":null,"empty":""}';
  const cases: readonly [source: string, labels: Readonly<Record<string, string>>][] = [
    ['protocol', { all: 'HTTP/1.1', v: '1.1' }],
    ['status', { all: '200' }],
    ['yes', { all: 'true' }],
    ['nothing', {}],
    ['empty', {}],
    ['missing', {}],
    ['app', { all: 'unknown' }],
  ];
  for (const [source, labels] of cases) {
    const { entries } = await putThrough(lokiProcess, stages(source), { line, labels: { app: 'unknown' } });
    assert.deepEqual(entries[0]?.labels, { ...labels, app: 'unknown' }, source);
  }
});

test('captures may become labels, in place of those that are there', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.pattern {\n pattern = "<level>: <_> <rest>"\n labels_from_groups = true\n}',
    { line: 'WARN: x y z', labels: { app: 'x', level: 'old' } },
    { line: '', labels: { level: 'old' } },
    { line: 'no', labels: { rest: 'old' } },
  );
  assert.deepEqual(entries, [
    { line: 'WARN: x y z', labels: { app: 'x', level: 'WARN', rest: 'y z' } },
    { line: '', labels: { level: 'old' } },
    { line: 'no', labels: { level: 'no', rest: 'old' } },
  ]);
});

test('any line is read', async () => {
  const line = fc
    .array(fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('[]- '))))
    .map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), async (lines) => {
      const stages = 'stage.pattern {\n pattern = "<a> [<b>] - <c>"\n labels_from_groups = true\n}';
      const { entries } = await putThrough(lokiProcess, stages, ...lines.map((bytes) => ({ line: bytes })));
      assert.deepEqual(
        entries.map((entry) => entry.line),
        lines.map(String),
      );
      for (const { line: text, labels = {} } of entries) {
        for (const value of Object.values(labels)) assert.ok(String(text).includes(value));
      }
    }),
    { numRuns: 50 },
  );
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['', '1:1: missing required attribute "pattern"'],
    ['pattern = ""', '2:11: "" is not valid: pattern is required'],
    ['pattern = "<_> <_>"', '2:11: "<_> <_>" is not valid: at least one capture is required'],
    ['pattern = "<a><b>"', '2:11: "<a><b>" is not valid: text is required between <a> and <b>'],
    ['pattern = "<a> <a>"', '2:11: "<a> <a>" is not valid: duplicate capture <a>'],
    ['pattern = "<a>"\nsource = ""', '3:10: source must not be empty'],
  ];
  for (const [args, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.pattern {\n${args}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
