import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const apache = '11.11.11.11 - frank [25/Jan/2000:14:00:01 -0500] "GET /1986.js HTTP/1.1" 200 932 "-" "Mozilla/5.0"';

/** The line after the stage, and what it has extracted as `a`, `b`, `c` and `source`. */
async function outcomeOf(line: string, args: Readonly<Record<string, string>>): Promise<TestEntry | undefined> {
  const text = Object.entries(args).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const stages = `
    stage.json { expressions = { source = "", user = "", nothing = "" } }
    stage.replace {
      ${text.join('\n')}
    }
    stage.labels { values = { a = "", b = "", c = "", source = "" } }`;
  const { entries } = await putThrough(lokiProcess, stages, line);
  return entries[0];
}

test('in every match, the text of every group is replaced', async () => {
  const cases: readonly [line: string, expression: string, replacement: string, replaced: string][] = [
    [apache, '11.11.11.11 - (\\S+) .*', 'dummy', apache.replace('frank', 'dummy')],
    ['a=1 b=2', '=(\\d)', '<{{ .Value }}>', 'a=<1> b=<2>'],
    ['abc', '(a|b|c)', '', ''],
    ['abc', '(b)', '', 'ac'],
    ['one two', '(\\w+) (\\w+)', '{{ .Value | ToUpper }}', 'ONE TWO'],
    ['one two', 'one', 'x', 'one two'],
    ['one two', '(three)', 'x', 'one two'],
    ['ac', 'a(b)?c', 'x', 'ac'],
    ['abc', '((a)b)c', '[{{ .Value }}]', '[ab]c'],
    ['ab', '()', '-', '-a-b-'],
    ['é😀é', '(😀)', '{{ len .Value }}', 'é4é'],
    ['secret=abc', 'secret=(\\w+)', '{{ .Value | Sha2Hash "salt" | trunc 8 }}', 'secret=36810999'],
    ['x', '(x)', '{{ .missing }}', '<no value>'],
  ];
  for (const [line, expression, replace, replaced] of cases) {
    const outcome = await outcomeOf(line, { expression, replace });
    assert.deepEqual(outcome, { line: replaced }, expression);
  }
});

test('without a replacement, groups are removed', async () => {
  assert.equal((await outcomeOf('a=1 b=2', { expression: '=(\\d)' }))?.line, 'a= b=');
});

test('groups with names are extracted as they were replaced in the first match', async () => {
  const named = '(?P<a>\\w+)=(?P<b>\\w+)(?P<c>!)?';
  const cases: readonly [line: string, expression: string, labels: Readonly<Record<string, string>> | undefined][] = [
    ['k=v x=y', named, { a: 'K', b: 'V' }],
    ['k=v!', named, { a: 'K', b: 'V', c: '!' }],
    ['none', named, undefined],
    ['abc', '(?P<a>(?P<b>a)b)c', { a: 'AB', b: 'A' }],
  ];
  for (const [line, expression, labels] of cases) {
    const outcome = await outcomeOf(line, { expression, replace: '{{ .Value | ToUpper }}' });
    assert.deepEqual(outcome?.labels, labels, line);
  }
});

test('a template may decide by the text of the group', async () => {
  const outcome = await outcomeOf(apache, {
    expression:
      '^(?P<ip>\\S+) (?P<identd>\\S+) (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<action>\\S+) (?P<path>\\S+) (?P<protocol>\\S+)" (?P<a>\\d{3}) (?P<b>\\d+)',
    replace:
      '{{ if eq .Value "200" }}{{ Replace .Value "200" "HttpStatusOk" -1 }}{{ else }}{{ .Value | ToUpper }}{{ end }}',
  });
  const line = apache
    .replace('frank', 'FRANK')
    .replace('Jan', 'JAN')
    .replace('js', 'JS')
    .replace('200 ', 'HttpStatusOk ');
  assert.deepEqual(outcome, { line, labels: { a: 'HttpStatusOk', b: '932' } });
});

test('with a source, the extracted value is changed and the line stays', async () => {
  const line = '{"source":"user 42","user":"bob","nothing":null}';
  const cases: readonly [source: string, replace: string, value: string][] = [
    ['source', '{{ .user }}', 'user bob'],
    ['source', '{{ index . "user" }}{{ index . "other" }}', 'user bob'],
    ['source', '', 'user '],
    ['nothing', 'x', 'user 42'],
    ['missing', 'x', 'user 42'],
  ];
  for (const [source, replace, value] of cases) {
    const outcome = await outcomeOf(line, { expression: '(\\d+)', source, replace });
    assert.deepEqual(outcome, { line, labels: { source: value } }, `${source} ${replace}`);
  }
});

test('where the template fails, nothing changes', async () => {
  const failing = ['{{ .missing | ToUpper }}', '{{ fail "x" }}', '{{ get . "user" }}', '{{ repeat 100000000 .Value }}'];
  for (const replace of failing) {
    const line = 'a=1 b=2';
    assert.deepEqual(await outcomeOf(line, { expression: '(?P<a>\\d)', replace }), { line }, replace);
  }
});

test('many matches have to do with the work of one template', async () => {
  const line = 'x'.repeat(100_000);
  const outcome = await outcomeOf(line, { expression: '(x)', replace: '{{ repeat 1000 .Value }}' });
  assert.equal(outcome?.line, line);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [replace: string, problem: string][] = [
    ['', '1:1: missing required attribute "expression"'],
    ['expression = ""', '2:14: expression is required'],
    ['expression = "("', '2:14: "(" is not valid: error parsing regexp: missing closing ): `(`'],
    [
      'expression = "(a)"\nreplace = "{{ .Value"',
      '3:11: "{{ .Value" is not valid: template: pipeline_template:1: unclosed action',
    ],
  ];
  for (const [replace, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.replace {\n${replace}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
