import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

function match(selector: string, inner: string): string {
  return `stage.match {\n selector = ${JSON.stringify(selector)}\n ${inner}\n}`;
}

const marked = 'stage.static_labels { values = { matched = "yes" } }';

test('entries that are selected go through the stages of their own, or are dropped', async () => {
  const labels = { foo: 'bar', bar: 'test' };
  const cases: readonly [selector: string, entry: TestEntry, isSelected: boolean][] = [
    ['{foo="bar"} |= "foo"', { line: 'foo', labels }, true],
    ['{foo="bar"} |= "foo"', { line: 'Foo', labels }, false],
    ['{foo="bar"} |~ "fo{2}"', { line: 'a foo', labels }, true],
    ['{foo="bar"} |~ "^fo{2}"', { line: 'a foo', labels }, false],
    ['{foo="bar"} != "foo"', { line: 'foo', labels }, false],
    ['{foo="bar"} != "foo"', { line: 'bar', labels }, true],
    ['{foo="bar"} !~ "fo+"', { line: 'foo', labels }, false],
    ['{foo="bar"} !~ "fo+"', { line: 'f', labels }, true],
    ['{foo="bar"} |= "a" != "b" |~ "c$"', { line: 'ac', labels }, true],
    ['{foo="bar"} |= "a" != "b" |~ "c$"', { line: 'abc', labels }, false],
    ['{foo="bar"} |= ""', { line: '', labels }, true],
    ['{foo=""}', { line: 'x', labels }, false],
    ['{foo=""}', { line: 'x' }, true],
    ['{foo=""}', { line: 'x', labels: { foo: '' } }, true],
    ['{foo!=""}', { line: 'x' }, false],
    ['{foo="bar",bar!="test"}', { line: 'x', labels }, false],
    ['{ foo = "bar" , bar =~ "te.*" }', { line: 'x', labels }, true],
    ['{foo="bar",bar=~"es"}', { line: 'x', labels }, false],
    ['{foo="bar",bar!~"te.*"}', { line: 'x', labels }, false],
    ['{foo="bar",bar!~"es"}', { line: 'x', labels }, true],
    ['{foo=~"a|bar"}', { line: 'x', labels }, true],
    ['{bar=~".*"}', { line: 'x' }, true],
    ['{bar=~".+"}', { line: 'x' }, false],
    ['{foo=`bar`} |= `"`', { line: 'say "hi"', labels }, true],
  ];
  for (const [selector, entry, isSelected] of cases) {
    const kept = await putThrough(lokiProcess, match(selector, marked), entry);
    assert.equal(kept.entries[0]?.labels?.['matched'], isSelected ? 'yes' : undefined, selector);
    const dropped = await putThrough(lokiProcess, match(selector, 'action = "drop"'), entry);
    assert.deepEqual(dropped.entries, isSelected ? [] : [entry], selector);
    assert.equal(dropped.metrics['loki_process_dropped_lines_total{reason="match_stage"}'], isSelected ? 1 : 0);
  }
});

test('the order of entries is kept', async () => {
  const entries = ['a', 'b', 'a', 'c', 'b'].map((app, index) => ({ line: `${index}`, labels: { app } }));
  const out = await putThrough(lokiProcess, match('{app="a"}', marked), ...entries);
  assert.deepEqual(
    out.entries.map(({ line }) => line),
    ['0', '1', '2', '3', '4'],
  );
});

test('drops are counted with the reason that is given', async () => {
  const drop = (reason: string) => match('{app="a"}', `action = "drop"\n drop_counter_reason = "${reason}"`);
  const input = [{ line: 'x', labels: { app: 'a' } }, { line: 'y' }, { line: 'z', labels: { app: 'a' } }];
  const named = await putThrough(lokiProcess, drop('noise'), ...input);
  assert.equal(named.metrics['loki_process_dropped_lines_total{reason="noise"}'], 2);
  const unnamed = await putThrough(lokiProcess, drop(''), ...input);
  assert.equal(unnamed.metrics['loki_process_dropped_lines_total{reason="match_stage"}'], 2);
  const kept = await putThrough(lokiProcess, match('{app="a"}', marked), ...input);
  assert.deepEqual(
    Object.keys(kept.metrics).filter((series) => series.includes('match_stage')),
    [],
  );
});

test('stages may be nested in stages, with each other and the ones around them', async () => {
  const stages = match(
    '{app="web"}',
    `stage.json { expressions = { level = "", msg = "" } }
     stage.labels { values = { level = "" } }
     ${match('{level="error"} |= "boom"', 'stage.output { source = "msg" }\nstage.static_labels { values = { alert = "yes" } }')}
     ${match('{level="debug"}', 'action = "drop"')}
     stage.static_labels { values = { inner = "yes" } }`,
  );
  const web = (level: string, msg: string): TestEntry => ({
    line: JSON.stringify({ level, msg }),
    labels: { app: 'web' },
  });
  const { entries, metrics } = await putThrough(
    lokiProcess,
    `${stages}\nstage.static_labels { values = { outer = "yes" } }`,
    web('error', 'boom'),
    web('error', 'calm'),
    web('debug', 'boom'),
    { line: '{"level":"error","msg":"boom"}', labels: { app: 'db' } },
  );
  assert.deepEqual(entries, [
    { line: 'boom', labels: { alert: 'yes', app: 'web', inner: 'yes', level: 'error', outer: 'yes' } },
    { line: '{"level":"error","msg":"calm"}', labels: { app: 'web', inner: 'yes', level: 'error', outer: 'yes' } },
    { line: '{"level":"error","msg":"boom"}', labels: { app: 'db', outer: 'yes' } },
  ]);
  assert.equal(metrics['loki_process_dropped_lines_total{reason="match_stage"}'], 1);
});

test('nested stages may drop, and join lines', async () => {
  const stages = match('{app="web"}', 'stage.cri { }\nstage.drop { expression = "secret" }');
  const web = (line: string) => ({ line, labels: { app: 'web' } });
  const { entries } = await putThrough(
    lokiProcess,
    stages,
    web('t stdout P one '),
    web('t stdout F secret'),
    web('t stdout P two '),
    { line: 't stdout F untouched' },
    web('t stdout F parts'),
  );
  assert.deepEqual(entries, [
    { line: 't stdout F untouched' },
    { line: 'two parts', labels: { app: 'web', stream: 'stdout' } },
  ]);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [inner: string, problem: string][] = [
    [marked, '1:1: missing required attribute "selector"'],
    [`selector = ""\n${marked}`, '2:12: "" is not valid: selector statement required for match stage'],
    [
      `selector = "{"\n${marked}`,
      '2:12: "{" is not valid: invalid selector syntax for match stage: expected a label name at position 2, got the end',
    ],
    ['selector = "{a=`b`}"', '1:1: match stage requires at least one additional stage to be defined in it'],
    [
      `selector = "{a=\`b\`}"\naction = "drop"\n${marked}`,
      '1:1: match stage configured to drop entries cannot contains stages',
    ],
    [
      `selector = "{a=\`b\`}"\naction = "pass"\n${marked}`,
      '3:10: "pass" is "pass", want one of "keep", "drop"',
    ],
    ['selector = "{a=`b`}"\nstage.drop { }', '3:1: drop stage must contain at least one of `source`, `expression`, `older_than` or `longer_than`'],
  ]; // prettier-ignore
  for (const [inner, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.match {\n${inner}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
