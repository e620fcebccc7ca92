import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { expositionEntries, type ExpositionEntry } from '../../testkit/exposition-entries.ts';
import { EntryCache } from '../exposition/entry-cache.ts';
import { OpenMetricsCursor } from './openmetrics-cursor.ts';

/** Reads an exposition, and again with the cache filled, which must give the same. */
function read(text: string | Buffer, hasStartTimestamps = true): ExpositionEntry[] {
  const cursor = new OpenMetricsCursor(new EntryCache(1000), { hasStartTimestamps });
  const entries = expositionEntries(cursor, Buffer.from(text));
  assert.deepEqual(expositionEntries(cursor, Buffer.from(text)), entries);
  return entries;
}

const nul = '\0';

test('what is valid is read', () => {
  const cases: readonly [name: string, lines: readonly string[], entries: ExpositionEntry[]][] = [
    ['O2', [String.raw`# HELP h escape \ \n \\ \" \x chars`], [['help h', 'escape \\ \n \\ " \\x chars']]],
    ['O3', ['# HELP nohelp1 ', '# UNIT nounit '], [['help nohelp1', ''], ['unit nounit', '']]],
    ['O4', ['# UNIT go_gc_duration_seconds seconds'], [['unit go_gc_duration_seconds', 'seconds']]],
    ['O5', ['g 33 123.123'], [['g', 33, { timestamp: 123_123 }]]],
    [
      'O6',
      ['# TYPE a gaugehistogram', '# TYPE b info', '# TYPE c stateset', '# TYPE d unknown'],
      [['type a', 'gaugehistogram'], ['type b', 'info'], ['type c', 'stateset'], ['type d', 'unknown']],
    ],
    ['O7', ['hhh_bucket{le="+Inf"} 1 # {id="x"} 4'], [['hhh_bucket{le="+Inf"}', 1, { exemplars: ['{id="x"} 4'] }]]],
    [
      'O8',
      ['ggh_count 1 # {id="x",xx="yy"} 4 123.123'],
      [['ggh_count', 1, { exemplars: ['{id="x", xx="yy"} 4 123123'] }]],
    ],
    [
      'O9',
      ['smr_seconds_sum 42.0 # {id="s"} 1 123.321'],
      [['smr_seconds_sum', 42, { exemplars: ['{id="s"} 1 123321'] }]],
    ],
    [
      'O10',
      ['# TYPE foo counter', 'foo_total 17.0 1520879607.789 # {id="c"} 5', 'foo_created 1520872607.123'],
      [
        ['type foo', 'counter'],
        ['foo_total', 17, { timestamp: 1_520_879_607_789, start: 1_520_872_607_123, exemplars: ['{id="c"} 5'] }],
      ],
    ],
    [
      'O11',
      [
        '# TYPE foo counter',
        'foo_total{a="b"} 17.0',
        'foo_created{a="b"} 1520872607.123',
        'foo_total{a="c"} 17.0',
        'foo_created{a="c"} 1520872608.123',
        'foo_total{a="d"} 17.0',
      ],
      [
        ['type foo', 'counter'],
        ['foo_total{a="b"}', 17, { start: 1_520_872_607_123 }],
        ['foo_total{a="c"}', 17, { start: 1_520_872_608_123 }],
        ['foo_total{a="d"}', 17],
      ],
    ],
    [
      'O12',
      ['# TYPE foo counter', 'foo_total{le="c"} 21.0', 'foo_created{le="c"} 1520872621.123'],
      [['type foo', 'counter'], ['foo_total{le="c"}', 21, { start: 1_520_872_621_123 }]],
    ],
    ['O13', ['# TYPE foo counter', 'foo_total{le="1"} 10.0'], [['type foo', 'counter'], ['foo_total{le="1"}', 10]]],
    [
      'O14',
      [
        '# TYPE bar summary',
        'bar_count 17.0',
        'bar_sum 324789.3',
        'bar{quantile="0.95"} 123.7',
        'bar{quantile="0.99"} 150.0',
        'bar_created 1520872608.124',
      ],
      [
        ['type bar', 'summary'],
        ['bar_count', 17, { start: 1_520_872_608_124 }],
        ['bar_sum', 324_789.3, { start: 1_520_872_608_124 }],
        ['bar{quantile="0.95"}', 123.7, { start: 1_520_872_608_124 }],
        ['bar{quantile="0.99"}', 150, { start: 1_520_872_608_124 }],
      ],
    ],
    [
      'O15',
      [
        '# TYPE baz histogram',
        'baz_bucket{le="0.0"} 0',
        'baz_bucket{le="+Inf"} 17',
        'baz_count 17',
        'baz_sum 324789.3',
        'baz_created 1520872609.125',
      ],
      [
        ['type baz', 'histogram'],
        ['baz_bucket{le="0.0"}', 0, { start: 1_520_872_609_125 }],
        ['baz_bucket{le="+Inf"}', 17, { start: 1_520_872_609_125 }],
        ['baz_count', 17, { start: 1_520_872_609_125 }],
        ['baz_sum', 324_789.3, { start: 1_520_872_609_125 }],
      ],
    ],
    [
      'O16',
      ['# TYPE fizz_created gauge', 'fizz_created 17.0'],
      [['type fizz_created', 'gauge'], ['fizz_created', 17]],
    ],
    [
      'O17',
      ['# TYPE thing histogram', 'thing_created 1520872607.123', 'thing_count 17', 'thing_sum 1'],
      [['type thing', 'histogram'], ['thing_count', 17], ['thing_sum', 1]],
    ],
    [
      'O18',
      ['foo_total 17.0', 'foo_created 1520872607.123'],
      [['foo_total', 17], ['foo_created', 1_520_872_607.123]],
    ],
    [
      'O19',
      ['# TYPE s summary', 's{quantile="0.1"} nan', 's{quantile="nan"} NaN'],
      [['type s', 'summary'], ['s{quantile="0.1"}', Number.NaN], ['s{quantile="NaN"}', Number.NaN]],
    ],
    ['O20', ['{q="0.9","http.status",a="b"} 1'], [['http.status{q="0.9",a="b"}', 1]]],
    [
      'O21',
      [
        '# TYPE "go.gc" summary',
        '{"go.gc",quantile="0"} 1',
        '{"go.gc",quantile="0.25"} 2',
        '{"go.gc_created"} 1520872607.123',
        '{"go.gc",quantile="0.5"} 3',
      ],
      [
        ['type go.gc', 'summary'],
        ['go.gc{quantile="0.0"}', 1, { start: 1_520_872_607_123 }],
        ['go.gc{quantile="0.25"}', 2, { start: 1_520_872_607_123 }],
        ['go.gc{quantile="0.5"}', 3],
      ],
    ],
    [
      'O22',
      ['q_count 1 # {"id.thing"="h",other="x"} 4'],
      [['q_count', 1, { exemplars: ['{id.thing="h", other="x"} 4'] }]],
    ],
    ['O23', [`m{a="abc${nul}"} 1`], [[String.raw`m{a="abc\u0000"}`, 1]]],
    ['help of a quoted name', ['# HELP "go.gc" text'], [['help go.gc', 'text']]],
    ['le is canonical', ['# TYPE h histogram', 'h_bucket{le="1"} 1'], [['type h', 'histogram'], ['h_bucket{le="1.0"}', 1]]],
    ['timestamps', ['a 1 -1.5', 'a 1 1e3', 'a 1 0.0019'], [['a', 1, { timestamp: -1500 }], ['a', 1, { timestamp: 1e6 }], ['a', 1, { timestamp: 1 }]]],
    ['time and exemplar', ['a 1 2 # {} 3'], [['a', 1, { timestamp: 2000, exemplars: ['{} 3'] }]]],
  ]; // prettier-ignore
  for (const [name, lines, entries] of cases) {
    assert.deepEqual(read([...lines, '# EOF\n'].join('\n')), entries, name);
    assert.deepEqual(read([...lines, '# EOF'].join('\n')), entries, name);
  }
});

test('without start timestamps the lines about them are series', () => {
  const text = '# TYPE foo counter\nfoo_total 17.0\nfoo_created 1520872607.123\n# EOF\n';
  assert.deepEqual(read(text, false).slice(1), [
    ['foo_total', 17],
    ['foo_created', 1_520_872_607.123],
  ]);
});

test('what is not valid ends with an error', () => {
  const noEnd = 'expected # EOF';
  const noStart = 'expected a metric or comment';
  const noComment = 'expected # HELP, # TYPE, # UNIT or # EOF';
  const noType = 'expected unknown, counter, gauge, histogram, gaugehistogram, summary, info, stateset';
  const noText = 'expected a blank, a text and the end of the line';
  const noName = 'expected a metric name';
  const noUnit = 'expected a unit that is the last part of the name of the metric';
  const cases: readonly [name: string, text: string, message: string][] = [
    ['O30 a', '', noEnd],
    ['O30 b', 'metric 1', noEnd],
    ['O30 c', 'metric 1\n', noEnd],
    ['O30 d', 'metric_total 1 # {aa="bb"} 4', noEnd],
    ['O30 e', 'metric_total 1 # {aa="bb"} 4\n', noEnd],
    ['O31 a', '\n', noStart],
    ['O31 b', '\n\n#EOF', noStart],
    ['O32', 'metric', 'expected a value'],
    ['O33', 'a\n#EOF', 'expected a value'],
    ['O34 a', ' a 1\n# EOF', noStart],
    ['O34 b', ' # EOF', noStart],
    ['O35', '9\n', noName],
    ['O36', '# TYPE u untyped\n# EOF', noType],
    ['O37 a', '# TYPE c counter \n# EOF', noType],
    ['O37 b', '# TYPE c  counter\n# EOF', noType],
    ['O38 a', '#  TYPE c counter\n# EOF', noComment],
    ['O38 b', '#\tTYPE c counter\n# EOF', noComment],
    ['O39 a', '# TYPE \n# EOF', noName],
    ['O39 b', '# UNIT \n# EOF', noName],
    ['O39 c', '# HELP \n# EOF', noName],
    ['O40 a', '# TYPE m\n# EOF', noText],
    ['O40 b', '# UNIT m\n# EOF', noText],
    ['O40 c', '# HELP m\n# EOF', noText],
    ['O41 a', '# UNIT metric suffix\n# EOF', noUnit],
    ['O41 b', '# UNIT metricsuffix suffix\n# EOF', noUnit],
    ['O41 c', '# UNIT m suffix\n# EOF', noUnit],
    ['O41 d', '# UNIT _s s\n# UNIT s s\n# EOF', noUnit],
    ['O42', 'a\t1\n# EOF', 'expected a value'],
    ['O43', 'a 1\t2\n# EOF', 'expected a value'],
    ['O44 a', 'a 1 2 \n# EOF', 'expected the next line'],
    ['O44 b', 'a 1 2 #\n# EOF', 'expected the next line'],
    ['O44 c', 'a 1 1 1\n# EOF', 'expected the next line'],
    ['O45', 'a 1 1z\n# EOF', 'expected a timestamp'],
    ['O46 a', '# EOF\na 1', 'expected nothing after # EOF'],
    ['O46 b', '# EOF\n\n', 'expected nothing after # EOF'],
    ['O46 c', '# EOFa 1', 'expected nothing after # EOF'],
    ['O47', "a{b='c'} 1\n# EOF", 'expected a quoted label value'],
    ['O48 a', 'a{,b="c"} 1\n# EOF', 'expected a label name'],
    ['O48 b', 'a{b="c",,d="e"} 1\n# EOF', 'expected a label name'],
    ['O49', 'a{b="c"d="e"} 1\n# EOF', 'expected "," or "}"'],
    ['O50', 'a{b=\n# EOF', 'expected a quoted label value'],
    ['O51 a', 'a{\xff="foo"} 1\n# EOF', 'expected a label name'],
    ['O51 b', 'a{b="\xff"} 1\n# EOF', 'expected a label value in UTF-8'],
    ['O52 a', '{"a","b = "c"}\n# EOF', 'expected "="'],
    ['O52 b', '{"a",b\\nc="d"} 1\n# EOF', 'expected "="'],
    ['O52 c', '{A}0\n# EOF', 'expected "="'],
    ['O53', 'a true\n# EOF', 'expected a value'],
    ['O54', 'something_weird{problem="\n# EOF', 'expected a label value that ends'],
    ['O55', 'empty_label_name{=""} 0\n# EOF', 'expected a label name'],
    ['O56 a', 'foo 1_2\n# EOF', 'expected a value'],
    ['O56 b', 'foo 0x1p-3\n# EOF', 'expected a value'],
    ['O56 c', 'foo 0x1P-3\n# EOF', 'expected a value'],
    ['O56 d', 'foo 0 1_2\n# EOF', 'expected a timestamp'],
    ['O57', 'c_total 1 # {aa=bb}\n# EOF', 'expected a quoted label value'],
    ['O58', 'c_total 1 # {aa="bb"}\n# EOF', 'expected the value of the exemplar'],
    ['O59 a', 'c_total 1 # {bb}\n# EOF', 'expected "="'],
    ['O59 b', 'c_total 1 # {bb, a="dd"}\n# EOF', 'expected "="'],
    ['O60', 'c_total 1 # {aa="bb",,cc="dd"} 1\n# EOF', 'expected a label name'],
    ['O61 a', 'c_total 1 # {aa="bb"} 1_2\n# EOF', 'expected the value of the exemplar'],
    ['O61 b', 'c_total 1 # {aa="bb"} 0x1p-3\n# EOF', 'expected the value of the exemplar'],
    ['O61 c', 'c_total 1 # {aa="bb"} true\n# EOF', 'expected the value of the exemplar'],
    ['O62 a', 'c_total 1 # {aa="bb",cc=}\n# EOF', 'expected a quoted label value'],
    ['O62 b', String.raw`c_total 1 # {aa=\"x\"} 9.0${'\n'}# EOF`, 'expected a quoted label value'],
    ['O63', '{b="c",} 1\n# EOF', 'expected a metric name among the labels'],
    ['O64 a', 'a 1 NaN\n# EOF', 'expected a finite timestamp'],
    ['O64 b', 'a 1 -Inf\n# EOF', 'expected a finite timestamp'],
    ['O64 c', 'a 1 Inf\n# EOF', 'expected a finite timestamp'],
    ['O65 a', 'h_bucket{le="1"} 1 # {a="b"} 1 NaN\n# EOF', 'expected an exemplar with a finite timestamp'],
    ['O65 b', 'h_bucket{le="1"} 1 # {a="b"} 1 -Inf\n# EOF', 'expected an exemplar with a finite timestamp'],
    ['O66 a', '#\n# EOF', noComment],
    ['O66 b', '# H\n# EOF', noComment],
    ['O67 a', `a{b=${nul}"s"} 1\n# EOF`, 'expected a quoted label value'],
    ['O67 b', `a{b${nul}="h"} 1\n# EOF`, 'expected "="'],
    ['O67 c', `a${nul}{b="h"} 1\n# EOF`, 'expected a value'],
    ['O68', `c_total 1 # {b="${nul}ss"} 1\n# EOF`, 'expected a label value that ends'],
    ['exemplar twice', 'c_total 1 # {a="b"} 1 2 3\n# EOF', 'expected the next line'],
    ['exemplar label twice', 'c_total 1 # {a="b",a="c"} 1\n# EOF', 'expected each label name of an exemplar once'],
    ['blank in labels', 'a{ b="c"} 1\n# EOF', 'expected a label name'],
    ['blank line', 'a 1\n\n# EOF', noStart],
    ['broken line about a start', '# TYPE a counter\na_created x\n# EOF', 'expected a value'],
  ]; // prettier-ignore
  for (const [name, text, message] of cases) {
    const [what, found = ''] = read(Buffer.from(text, 'latin1')).at(-1) ?? [];
    assert.equal(what, 'error', name);
    assert.ok(typeof found === 'string');
    assert.equal(found.slice(0, found.indexOf(' at line')), message, name);
  }
});

test('an exposition without anything is valid', () => {
  for (const text of ['# EOF', '# EOF\n']) assert.deepEqual(read(text), []);
});

test('no exposition makes the cursor throw or go on forever', () => {
  const valid =
    '# HELP h text\n# TYPE h histogram\n# UNIT h_s s\nh_bucket{a="x\\"y",le="1"} 4 123 # {t="u"} 1 2.5\nh_created{a="x"} 5\n{"u.n","l.b"="v"} NaN\nup 1\n# EOF\n';
  const damaged = fc
    .array(fc.tuple(fc.nat(), fc.constantFrom(...Array.from('{}",=\\ \n\t#\0aé1'))), { maxLength: 3 })
    .map((edits) =>
      edits.reduce((text, [place, put]) => {
        const at = place % (text.length + 1);
        return text.slice(0, at) + put + text.slice(at + (place % 2));
      }, valid),
    );
  const options = { hasStartTimestamps: true };
  const cursor = new OpenMetricsCursor(new EntryCache(100), options);
  fc.assert(
    fc.property(damaged, (text) => {
      const entries = expositionEntries(cursor, Buffer.from(text));
      assert.ok(entries.length <= text.length + 1);
      const other = new OpenMetricsCursor(new EntryCache(100), options);
      assert.deepEqual(expositionEntries(other, Buffer.from(text)), entries);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expositionEntries(cursor, Buffer.from(bytes));
    }),
  );
});
