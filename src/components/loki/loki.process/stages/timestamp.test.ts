import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { defaultTime, type TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

function stages(format: string, more = ''): string {
  return `
    stage.json { expressions = { t = "" } }
    stage.timestamp {
      source = "t"
      format = ${JSON.stringify(format)}
      ${more}
    }`;
}

function at(t: unknown, more: Omit<TestEntry, 'line'> = {}): TestEntry {
  return { line: JSON.stringify({ t }), ...more };
}

async function times(text: string, ...entries: readonly TestEntry[]): Promise<string[]> {
  const out = await putThrough(lokiProcess, text, ...entries);
  return out.entries.map(({ time = defaultTime }) => time);
}

test('timestamps are read in the format that is given', async () => {
  const cases: readonly [format: string, value: unknown, time: string][] = [
    ['Unix', '1562708916', '2019-07-09T21:48:36Z'],
    ['Unix', 1562708916, '2019-07-09T21:48:36Z'],
    ['Unix', '1562708916.414123', '2019-07-09T21:48:36.414123Z'],
    ['Unix', '1562708916.000000123', '2019-07-09T21:48:36.000000123Z'],
    ['UnixMs', '1562708916414', '2019-07-09T21:48:36.414Z'],
    ['UnixMs', 1562708916414, '2019-07-09T21:48:36.414Z'],
    ['UnixUs', '1562708916414123', '2019-07-09T21:48:36.414123Z'],
    ['UnixNs', '1562708916000000123', '2019-07-09T21:48:36.000000123Z'],
    ['RFC3339', '2019-07-09T23:48:36+02:00', '2019-07-09T21:48:36Z'],
    ['RFC3339Nano', '2019-07-09T21:48:36.000000123Z', '2019-07-09T21:48:36.000000123Z'],
    ['ANSIC', 'Tue Jul  9 21:48:36 2019', '2019-07-09T21:48:36Z'],
    ['UnixDate', 'Tue Jul  9 21:48:36 UTC 2019', '2019-07-09T21:48:36Z'],
    ['RubyDate', 'Tue Jul 09 21:48:36 -0500 2019', '2019-07-10T02:48:36Z'],
    ['RFC822', '09 Jul 19 21:48 UTC', '2019-07-09T21:48:00Z'],
    ['RFC822Z', '09 Jul 19 21:48 -0700', '2019-07-10T04:48:00Z'],
    ['RFC850', 'Tuesday, 09-Jul-19 21:48:36 UTC', '2019-07-09T21:48:36Z'],
    ['RFC1123', 'Tue, 09 Jul 2019 21:48:36 UTC', '2019-07-09T21:48:36Z'],
    ['RFC1123Z', 'Tue, 09 Jul 2019 21:48:36 +0100', '2019-07-09T20:48:36Z'],
    ['2006-01-02 15:04:05', '2019-07-09 21:48:36.25', '2019-07-09T21:48:36.25Z'],
    ['02/Jan/2006:15:04:05 -0700', '25/Jan/2000:14:00:01 -0500', '2000-01-25T19:00:01Z'],
  ];
  for (const [format, value, time] of cases) {
    assert.deepEqual(await times(stages(format), at(value)), [time], `${format}: ${String(value)}`);
  }
});

test('a time zone counts for times that have none', async () => {
  const layout = '2006-01-02 15:04:05';
  const inZone = (format: string) => stages(format, 'location = "America/New_York"');
  assert.deepEqual(await times(inZone(layout), at('2019-07-09 21:48:36')), ['2019-07-10T01:48:36Z']);
  assert.deepEqual(await times(inZone(`${layout} -0700`), at('2019-07-09 21:48:36 +0000')), ['2019-07-09T21:48:36Z']);
  assert.deepEqual(await times(inZone('ANSIC'), at('Tue Jul  9 21:48:36 2019')), ['2019-07-09T21:48:36Z']);
});

test('further formats are tried in their order', async () => {
  const text = stages('2006-01-02', 'fallback_formats = ["UnixMs", "Unix"]');
  assert.deepEqual(await times(text, at('2019-07-09'), at(1562708916414), at('1562708916.5'), at('x')), [
    '2019-07-09T00:00:00Z',
    '2019-07-09T21:48:36.414Z',
    '2019-07-09T21:48:36.5Z',
    '2019-07-09T21:48:36.500000001Z',
  ]);
});

test('a time without a year is of the nearest one', async (t: TestContext) => {
  const cases: readonly [now: string, value: string, year: number][] = [
    ['2024-01-01T00:00:05Z', 'Dec 31 23:59:59', 2023],
    ['2024-12-31T23:59:59Z', 'Jan 1 00:00:05', 2025],
    ['2024-06-01T00:00:00Z', 'Jan 1 00:00:05', 2024],
  ];
  for (const [now, value, year] of cases) {
    t.mock.timers.enable({ apis: ['Date'], now: Date.parse(now) });
    const [time = ''] = await times(stages('Jan 2 15:04:05'), at(value));
    t.mock.timers.reset();
    assert.equal(time.slice(0, 4), String(year), `${value} at ${now}`);
  }
});

test('the same timestamp once more is given one nanosecond later, stream by stream', async () => {
  const moment = '2019-07-09T21:48:36.999999998Z';
  const entries = [at(moment), at(moment), at(moment), at('2019-07-09T21:48:35Z'), at(moment)];
  const expected = [
    '2019-07-09T21:48:36.999999998Z',
    '2019-07-09T21:48:36.999999999Z',
    '2019-07-09T21:48:37Z',
    '2019-07-09T21:48:35Z',
    '2019-07-09T21:48:36.999999998Z',
  ];
  assert.deepEqual(await times(stages('RFC3339Nano'), ...entries), expected);
  const twoStreams = entries.flatMap((entry) => ['a', 'b'].map((file) => ({ ...entry, labels: { file } })));
  assert.deepEqual(
    await times(stages('RFC3339Nano'), ...twoStreams),
    expected.flatMap((time) => [time, time]),
  );
  assert.deepEqual(
    await times(stages('RFC3339Nano', 'action_on_duplicate_timestamp = "keep"'), ...entries),
    entries.map(({ line }) => (JSON.parse(String(line)) as { t: string }).t),
  );
});

test('what cannot be read follows the last timestamp of its stream, or keeps its own', async () => {
  const own = '2020-02-02T02:02:02Z';
  const unreadable = [at('x'), at(null), { line: 'no JSON' }].map((entry) => ({ ...entry, time: own }));
  const read = at('2019-07-09T21:48:36Z');
  assert.deepEqual(await times(stages('RFC3339'), ...unreadable), [own, own, own], 'nothing came before');
  assert.deepEqual(await times(stages('RFC3339'), read, ...unreadable, read), [
    '2019-07-09T21:48:36Z',
    '2019-07-09T21:48:36.000000001Z',
    '2019-07-09T21:48:36.000000002Z',
    '2019-07-09T21:48:36.000000003Z',
    '2019-07-09T21:48:36.000000004Z',
  ]);
  assert.deepEqual(await times(stages('RFC3339', 'action_on_failure = "skip"'), read, ...unreadable, read), [
    '2019-07-09T21:48:36Z',
    own,
    own,
    own,
    '2019-07-09T21:48:36.000000001Z',
  ]);
  const labelled = (entry: TestEntry, file: string) => ({ ...entry, labels: { file } });
  assert.deepEqual(
    await times(
      stages('RFC3339', 'action_on_duplicate_timestamp = "keep"'),
      labelled(read, 'a'),
      labelled({ line: 'x', time: own }, 'b'),
      labelled({ line: 'x', time: own }, 'a'),
      labelled(read, 'a'),
    ),
    ['2019-07-09T21:48:36Z', own, '2019-07-09T21:48:36.000000001Z', '2019-07-09T21:48:36Z'],
  );
  const neither = 'action_on_failure = "skip"\naction_on_duplicate_timestamp = "keep"';
  assert.deepEqual(await times(stages('RFC3339', neither), read, ...unreadable, read), [
    '2019-07-09T21:48:36Z',
    own,
    own,
    own,
    '2019-07-09T21:48:36Z',
  ]);
});

test('streams whose fingerprints collide are told apart', async () => {
  const read = at('2019-07-09T21:48:36Z');
  const streams = [
    { app: 'l', uniq0: '0', uniq1: '1' },
    { app: 'm', uniq0: '1', uniq1: '1' },
  ];
  const entries = streams.map((labels) => ({ ...read, labels }));
  assert.deepEqual(await times(stages('RFC3339'), ...entries), ['2019-07-09T21:48:36Z', '2019-07-09T21:48:36Z']);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [timestamp: string, problem: string][] = [
    ['source = "t"', '1:1: missing required attribute "format"'],
    ['source = ""\nformat = "Unix"', '2:10: source must not be empty'],
    ['source = "t"\nformat = ""', '3:10: format must not be empty'],
    ['source = "t"\nformat = "2006"\nlocation = "Nowhere"', '1:1: unknown time zone Nowhere'],
    [
      'source = "t"\nformat = "Unix"\naction_on_failure = "drop"',
      '4:21: "drop" is "drop", want one of "fudge", "skip"',
    ],
  ];
  for (const [timestamp, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.timestamp {\n${timestamp}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
