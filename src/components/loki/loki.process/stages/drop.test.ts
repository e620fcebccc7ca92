import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRfc3339Nano } from '../../../../base/rfc3339.ts';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const json = 'stage.json { expressions = { key = "", level = "", key1 = "", key2 = "", none = "nothing" } }';
const hoursAgo = (hours: number) => formatRfc3339Nano(Math.floor(Date.now() / 1000) - hours * 3600, 0);

test('an entry is dropped if all conditions hold', async () => {
  const cases: readonly [drop: string, entry: TestEntry | string, isDropped: boolean][] = [
    ['longer_than = "10B"', '12345678901', true],
    ['longer_than = "10B"', '1234567890', false],
    ['longer_than = "10B"', '123456789', false],
    ['longer_than = "2B"', 'é', false],
    ['longer_than = "1B"', 'é', true],
    ['older_than = "1h"', { line: 'x', time: hoursAgo(2) }, true],
    ['older_than = "1h"', { line: 'x', time: hoursAgo(0.1) }, false],
    ['older_than = "1h"', { line: 'x', time: hoursAgo(-2) }, false],

    ['source = "key"', '{"key":""}', true],
    ['source = "key"', '{"key":null}', true],
    ['source = "none"', '{"key":1}', true],
    ['source = "key"', '{"other":1}', true],
    ['source = "other"', '{"other":1}', false],
    ['source = "key"', 'no JSON', false],
    ['source = "key1,key2"', '{"key1":1,"key2":""}', true],
    ['source = "key1,other"', '{"key1":1,"key2":""}', false],
    ['source = "app"', { line: 'x', labels: { app: '' } }, true],
    ['source = "key1, key2"', '{"key1":1,"key2":""}', false],

    ['source = "level"\nvalue = "50"', '{"level":50}', true],
    ['source = "level"\nvalue = "50"', '{"level":"50"}', true],
    ['source = "level"\nvalue = "50"', '{"level":100}', false],
    ['source = "level"\nvalue = "50"', '{"level":null}', false],
    ['source = "level"\nvalue = "true"', '{"level":true}', true],
    ['source = "key1,key2"\nvalue = "val1;val200.*"', '{"key1":"val1","key2":"val200.*"}', true],
    ['source = "key1,key2"\nvalue = "val1;val200.*"', '{"key1":"val1","key2":"val2001"}', false],
    ['source = "key1,key2"\nseparator = "|"\nvalue = "val1|val200[a]"', '{"key1":"val1","key2":"val200[a]"}', true],
    ['source = "key1,key2"\nseparator = ""\nvalue = "a;b"', '{"key1":"a","key2":"b"}', true],
    ['source = "other,level"\nvalue = "50"', '{"level":50}', true],
    ['source = "other,level"\nvalue = "50"', '{"level":null}', false],
    ['source = "key1,key2"\nvalue = "a"', '{"key1":"a","key2":null}', false],

    ['source = "key1,key2"\nexpression = `val\\d{1};val\\d{3}$`', '{"key1":"val1","key2":"val200"}', true],
    ['source = "key1,key2"\nseparator = "#"\nexpression = `val\\d{1};val\\d{3}$`', '{"key1":"val1","key2":"val200"}', false],
    ['source = "level"\nexpression = "^5"', '{"level":50}', true],
    ['source = "other"\nexpression = "^$"', '{}', true],
    ['source = "other"\nexpression = "x"', '{}', false],
    ['source = "other"\nvalue = "x"', '{}', false],

    ['expression = "err"', 'some error here', true],
    ['expression = "^err"', 'some error here', false],
    ['expression = `\\bdebug\\b`', 'level=debug', true],
    ['expression = "^$"', '', true],

    ['source = "key"\nlonger_than = "100B"', '{"key":""}', false],
    ['source = "key"\nlonger_than = "5B"', '{"key":""}', true],
    ['expression = "x"\nolder_than = "1h"\nlonger_than = "1B"', { line: 'xx', time: hoursAgo(2) }, true],
    ['expression = "x"\nolder_than = "1h"\nlonger_than = "1B"', { line: 'xx', time: hoursAgo(0) }, false],
    ['expression = "x"\nolder_than = "1h"\nlonger_than = "1B"', { line: 'x', time: hoursAgo(2) }, false],
    ['expression = "y"\nolder_than = "1h"\nlonger_than = "1B"', { line: 'xx', time: hoursAgo(2) }, false],
    ['source = "key"\nexpression = ""', '{"key":"x"}', true],
    ['expression = ""\nlonger_than = "10B"', 'short', false],
  ]; // prettier-ignore
  for (const [drop, entry, isDropped] of cases) {
    const { entries, metrics } = await putThrough(lokiProcess, `${json}\nstage.drop {\n${drop}\n}`, entry);
    const label = `${drop} on ${JSON.stringify(entry)}`;
    assert.equal(entries.length, isDropped ? 0 : 1, label);
    assert.equal(metrics['loki_process_dropped_lines_total{reason="drop_stage"}'], isDropped ? 1 : 0, label);
  }
});

test('dropped lines are counted with the reason that is given', async () => {
  const stages = `
    stage.drop {
      expression          = "a"
      drop_counter_reason = "noise"
    }
    stage.drop {
      expression          = "b"
      drop_counter_reason = ""
    }`;
  const { entries, metrics } = await putThrough(lokiProcess, stages, 'a', 'b', 'ab', 'c');
  assert.deepEqual(entries, [{ line: 'c' }]);
  assert.deepEqual(
    Object.entries(metrics).filter(([series]) => series.includes('dropped')),
    [
      ['loki_process_dropped_lines_total{reason="noise"}', 2],
      ['loki_process_dropped_lines_total{reason="drop_stage"}', 1],
    ],
  );
});

test('conditions that make no sense are refused', () => {
  const cases: readonly [drop: string, problem: string][] = [
    ['', '1:1: drop stage must contain at least one of `source`, `expression`, `older_than` or `longer_than`'],
    [
      'expression = ""',
      '1:1: drop stage must contain at least one of `source`, `expression`, `older_than` or `longer_than`',
    ],
    ['source = "a"\nvalue = "x"\nexpression = "y"', '1:1: only one of `value` and `expression` can be set'],
    ['longer_than = "1B"\nvalue = "x"', '1:1: `value` needs `source`'],
    ['expression = "("', '2:14: "(" is not valid: error parsing regexp: missing closing ): `(`'],
  ];
  for (const [drop, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.drop {\n${drop}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
