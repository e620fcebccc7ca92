import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const apache = '11.11.11.11 - frank [25/Jan/2000:14:00:01 -0500] "GET /1986.js HTTP/1.1" 200 932 "-" "Mozilla/5.0"';
const expression =
  '`^(?P<ip>\\S+) (?P<identd>\\S+) (?P<user>\\S+) \\[(?P<time>[\\w:/]+\\s[+\\-]\\d{4})\\] "(?P<action>\\S+)\\s?(?P<path>\\S+)?\\s?(?P<protocol>\\S+)?" (?P<status>\\d{3}|-) (?<size>\\d+|-)`';

test('the named groups of the first match are extracted', async () => {
  const stages = `
    stage.regex { expression = ${expression} }
    stage.labels { values = { ip = "", user = "", time = "", path = "", status = "", size = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, apache, 'something else');
  const labels = {
    ip: '11.11.11.11',
    path: '/1986.js',
    size: '932',
    status: '200',
    time: '25/Jan/2000:14:00:01 -0500',
    user: 'frank',
  };
  assert.deepEqual(entries, [{ line: apache, labels }, { line: 'something else' }]);
});

test('groups that took no part are empty, and groups without a name are left out', async () => {
  const cases: readonly [expression: string, line: string, labels: Readonly<Record<string, string>> | undefined][] = [
    ['(?P<a>x)?(?P<b>y)', 'y', { a: '', b: 'y' }],
    ['(z)(?P<a>x)', 'a zx zx', { a: 'x' }],
    ['(?P<a>x)|(?P<b>y)', 'xy', { a: 'x', b: '' }],
    ['(?i)(?P<a>X)', 'x', { a: 'x' }],
    ['(?P<a>x)', '', undefined],
    ['(?P<a>x*)', 'y', { a: '' }],
    ['(?P<a>.)', 'é', { a: 'é' }],
    ['(?P<a>.)', '😀', { a: '😀' }],
    ['plain', 'plain', undefined],
    ['(x)', 'x', undefined],
  ];
  for (const [pattern, line, labels] of cases) {
    const { entries } = await putThrough(
      lokiProcess,
      `stage.regex { expression = ${JSON.stringify(pattern)} }\nstage.labels { values = { a = "", b = "" } }`,
      line,
    );
    assert.deepEqual(entries[0]?.labels, labels, pattern);
  }
});

test('an extracted value may be read instead of the line', async () => {
  const stages = (source: string) => `
    stage.json { expressions = { protocol = "", status = "", nothing = "" } }
    stage.regex {
      expression = "^(?:HTTP/)?(?P<v>[0-9.]+)$"
      source     = "${source}"
    }
    stage.labels { values = { v = "" } }`;
  const line = '{"protocol":"HTTP/1.1","status":200,"nothing":null}';
  const cases: readonly [source: string, v: string | undefined][] = [
    ['protocol', '1.1'],
    ['status', '200'],
    ['nothing', undefined],
    ['missing', undefined],
    ['app', '7'],
  ];
  for (const [source, v] of cases) {
    const { entries } = await putThrough(lokiProcess, stages(source), { line, labels: { app: '7' } });
    assert.deepEqual(entries[0]?.labels, v === undefined ? { app: '7' } : { app: '7', v }, source);
  }
});

test('groups may become labels, in place of those that are there', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.regex {\n expression = "(?P<level>[A-Z]+):(?P<rest>.*)"\n labels_from_groups = true\n}',
    { line: 'WARN:', labels: { app: 'x', level: 'old' } },
    { line: 'no match', labels: { level: 'old' } },
  );
  assert.deepEqual(entries, [
    { line: 'WARN:', labels: { app: 'x', level: 'WARN', rest: '' } },
    { line: 'no match', labels: { level: 'old' } },
  ]);
});

test('without a match, what was extracted before stays', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.regex { expression = "^(?P<app>x)" }\nstage.labels { values = { it = "app" } }',
    { line: 'y', labels: { app: 'label' } },
    { line: 'x', labels: { app: 'label' } },
  );
  assert.deepEqual(
    entries.map(({ labels }) => labels?.['it']),
    ['label', 'x'],
  );
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [regex: string, problem: string][] = [
    ['', '1:1: missing required attribute "expression"'],
    ['expression = ""', '2:14: expression is required'],
    ['expression = "(?P<a"', '2:14: "(?P<a" is not valid: error parsing regexp: invalid named capture: `(?P<a`'],
    ['expression = "(?P<a>x)"\nsource = ""', '3:10: source must not be empty'],
  ];
  for (const [regex, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.regex {\n${regex}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
