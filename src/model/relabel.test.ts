import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRules, ruleBlocks } from '../schema/relabel-rules.ts';
import { argumentsFrom } from '../testkit/arguments.ts';
import { Labels } from './labels.ts';
import { relabel, type NameScheme } from './relabel.ts';

type Plain = Readonly<Record<string, string>>;

const added = 'added to the input';
const unchanged = 'unchanged';
const dropped = 'dropped';

interface Case {
  readonly labels: Plain;
  /** The bodies of rule blocks; attributes are separated by `;`. */
  readonly rules: readonly string[];
  readonly result: Plain | typeof unchanged | typeof dropped;
  /** Whether the result goes on top of the input. */
  readonly how?: typeof added;
  /** The result with names as Prometheus had them for long, if it differs. */
  readonly legacy?: Plain | typeof unchanged;
}

function run({ labels, rules }: Case, scheme: NameScheme): Plain | typeof dropped {
  const text = rules.map((rule) => `rule {\n${rule.replaceAll('; ', '\n')}\n}`).join('\n');
  const { rule } = argumentsFrom({ rule: ruleBlocks }, text);
  const result = relabel(Labels.fromRecord(labels), compileRules(rule), scheme);
  return result === undefined ? dropped : Object.fromEntries(result);
}

const abc = { a: 'foo', b: 'bar', c: 'baz' };
const lines = { a: 'line1\nline2' };
const ab12 = { a: 'foo', b1: 'bar', b2: 'baz' };
const ports = { __tmp_port: '1234', __port1: '1234', __port2: '5678' };
const tags = { __meta_sd_tags: 'path:/secret,job:some-job,label:foo=bar' };
const source = (...names: readonly string[]) => `source_labels = [${names.map((name) => `"${name}"`).join(', ')}]`;

const cases: readonly Case[] = [
  // replace
  { labels: abc, rules: [`${source('a')}; regex = "f(.*)"; target_label = "d"; replacement = "ch\${1}-ch\${1}"`], result: { d: 'choo-choo' }, how: added },
  { labels: abc, rules: [`${source('a', 'b')}; regex = "f(.*);(.*)r"; target_label = "a"; replacement = "b\${1}\${2}m"`, `${source('c', 'a')}; regex = "(b).*b(.*)ba(.*)"; target_label = "d"; replacement = "$1$2$2$3"`], result: { a: 'boobam', d: 'boooom' }, how: added },
  { labels: { a: 'abc' }, rules: [`${source('a')}; regex = ".*(b).*"; target_label = "d"; replacement = "$1"`], result: { d: 'b' }, how: added },
  { labels: { a: 'boo' }, rules: [`${source('a')}; regex = "f"; target_label = "b"; replacement = "bar"`], result: unchanged },
  { labels: { a: 'foo', f: 'baz' }, rules: [`${source('a')}; regex = "(f).*"; target_label = "$1"; replacement = "$2"`], result: { a: 'foo' } },
  { labels: { a: 'some-name-value' }, rules: [`${source('a')}; regex = "some-([^-]+)-([^,]+)"; target_label = "\${1}"; replacement = "\${2}"`], result: { name: 'value' }, how: added },
  { labels: { a: 'some-name-value' }, rules: [`${source('a')}; regex = "some-([^-]+)-([^,]+)"; target_label = "\${1}"; replacement = "\${3}"`], result: unchanged },
  { labels: { a: 'some-name-0' }, rules: [`${source('a')}; regex = "some-([^-]+)-([^,]+)"; target_label = "\${3}"; replacement = "\${1}"`], result: unchanged },
  { labels: { a: 'some-name-0' }, rules: [`${source('a')}; regex = "some-([^-]+)-([^,]+)"; target_label = "\${2}"; replacement = "x"`], result: { 0: 'x' }, how: added, legacy: unchanged },
  {
    labels: tags,
    rules: [
      `${source('__meta_sd_tags')}; regex = "(?:.+,|^)path:(/[^,]+).*"; target_label = "__metrics_path__"`,
      `${source('__meta_sd_tags')}; regex = "(?:.+,|^)job:([^,]+).*"; target_label = "job"`,
      `${source('__meta_sd_tags')}; regex = "(?:.+,|^)label:([^=]+)=([^,]+).*"; target_label = "\${1}"; replacement = "\${2}"`,
    ],
    result: { __metrics_path__: '/secret', job: 'some-job', foo: 'bar' },
    how: added,
  },
  { labels: lines, rules: [`${source('a')}; regex = "line1.*line2"; target_label = "d"; replacement = "match\${1}"`], result: { d: 'match' }, how: added },
  { labels: { 'utf-8.label': 'line1\nline2' }, rules: [`${source('utf-8.label')}; regex = "line1.*line2"; target_label = "d"; replacement = "match\${1}"`], result: { d: 'match' }, how: added },
  { labels: lines, rules: [`${source('a')}; regex = "line1.*line2"; target_label = "utf-8.label"; replacement = "match"`], result: { 'utf-8.label': 'match' }, how: added, legacy: unchanged },
  { labels: lines, rules: [`${source('a')}; regex = "(line1).*line2"; target_label = "utf-8.label\${1}"; replacement = "match"`], result: { 'utf-8.labelline1': 'match' }, how: added, legacy: unchanged },
  { labels: lines, rules: [`${source('a')}; regex = "(line1).*(?<second>line2)"; target_label = "label1_\${1}"; replacement = "val_\${second}"`, `${source('a')}; regex = "(line1).*(?P<second>line2)"; target_label = "label2_$1"; replacement = "val_$second"`], result: { label1_line1: 'val_line2', label2_line1: 'val_line2' }, how: added },
  { labels: { __name__: 'http_requests_total' }, rules: [`${source('__name__')}; regex = ".*_total$"; target_label = "__type__"; replacement = "counter"`], result: { __type__: 'counter' }, how: added },
  { labels: { __name__: 'disk_usage_bytes' }, rules: [`${source('__name__')}; regex = ".*_bytes$"; target_label = "__unit__"; replacement = "bytes"`], result: { __unit__: 'bytes' }, how: added },
  { labels: abc, rules: ['target_label = "t"; replacement = "x"'], result: { t: 'x' }, how: added },
  { labels: { a: 'x' }, rules: [`${source('a')}; target_label = "b"; replacement = "$1x"`], result: unchanged },
  { labels: { a: 'x', b: 'y' }, rules: [`${source('a')}; target_label = "b"; replacement = "$1x"`], result: { a: 'x' } },
  { labels: { a: 'x' }, rules: [`${source('a')}; target_label = "b"; replacement = "\${1}x"`], result: { b: 'xx' }, how: added },
  { labels: { a: 'x' }, rules: [`${source('a')}; target_label = "b"; replacement = "$$1"`], result: { b: '$1' }, how: added },
  { labels: { a: 'foo' }, rules: ['target_label = "a"; replacement = ""'], result: {} },
  { labels: { a: 'x', b: 'y' }, rules: [`${source('a', 'missing', 'b')}; separator = "-"; target_label = "c"`], result: { c: 'x--y' }, how: added },
  { labels: { a: 'x', b: 'y' }, rules: [`${source('a', 'b')}; separator = ""; target_label = "c"`], result: { c: 'xy' }, how: added },

  // keep and drop
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = ".*o.*"; action = "drop"`, `${source('a')}; target_label = "d"`], result: dropped },
  { labels: { a: 'foo', b: 'bar' }, rules: [`${source('a')}; regex = ".*o.*"; action = "drop"`], result: dropped },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "no-match"; action = "drop"`], result: unchanged },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "f|o"; action = "drop"`], result: unchanged },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "no-match"; action = "keep"`], result: dropped },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "f.*"; action = "keep"`], result: unchanged },
  { labels: { a: 'foo' }, rules: [`${source('missing')}; regex = ""; action = "keep"`], result: unchanged },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "FOO"; action = "keep"`], result: dropped },
  { labels: { a: 'foo' }, rules: [`${source('a')}; regex = "(?i)FOO"; action = "keep"`], result: unchanged },
  { labels: { a: 'foo', e: '' }, rules: [`${source('e')}; regex = ".+"; action = "keep"`], result: dropped },
  { labels: { a: 'foo', e: '' }, rules: [`${source('a')}; action = "keep"`], result: { a: 'foo' } },

  // hashmod
  { labels: { c: 'baz' }, rules: [`${source('c')}; modulus = 1000; target_label = "d"; action = "hashmod"`], result: { d: '976' }, how: added },
  { labels: { a: 'foo\nbar' }, rules: [`${source('a')}; modulus = 1000; target_label = "b"; action = "hashmod"`], result: { b: '734' }, how: added },
  { labels: { v: 'host-1:9100' }, rules: [`${source('v')}; modulus = 4; target_label = "s"; action = "hashmod"`], result: { s: '0' }, how: added },
  { labels: { v: 'host-2:9100' }, rules: [`${source('v')}; modulus = 4; target_label = "s"; action = "hashmod"`], result: { s: '1' }, how: added },
  { labels: { v: 'x' }, rules: [`${source('missing')}; modulus = 10; target_label = "s"; action = "hashmod"`], result: { s: '8' }, how: added },
  { labels: { x: 'a', y: 'b' }, rules: [`${source('x', 'y')}; modulus = 100; target_label = "s"; action = "hashmod"`], result: { s: '74' }, how: added },
  { labels: { v: 'é' }, rules: [`${source('v')}; modulus = 1000; target_label = "s"; action = "hashmod"`], result: { s: '23' }, how: added },

  // label names
  { labels: { a: 'foo', b1: 'bar', b2: 'baz' }, rules: ['regex = "(b.*)"; replacement = "bar_${1}"; action = "labelmap"'], result: { bar_b1: 'bar', bar_b2: 'baz' }, how: added },
  { labels: { __meta_my_bar: 'aaa', __meta_my_baz: 'bbb', __meta_other: 'ccc' }, rules: ['regex = "__meta_(my.*)"; replacement = "${1}"; action = "labelmap"'], result: { my_bar: 'aaa', my_baz: 'bbb' }, how: added },
  { labels: { a: '1', aa: '2' }, rules: ['regex = "(a+)"; replacement = "a${1}"; action = "labelmap"'], result: { a: '1', aa: '1', aaa: '2' } },
  { labels: { a: '1', b: '2' }, rules: ['regex = "a(x?)"; replacement = "$1"; action = "labelmap"'], result: unchanged },
  { labels: { port_name: 'foo', port: '9091' }, rules: ['regex = "^port_name$"; action = "labeldrop"', `${source('port')}; regex = "(.+)"; target_label = "port_name"; replacement = "metrics"`, `${source('port_name')}; regex = "^metrics$"; action = "keep"`], result: { port: '9091', port_name: 'metrics' } },
  { labels: ab12, rules: ['regex = "(b.*)"; action = "labelkeep"'], result: { b1: 'bar', b2: 'baz' } },
  { labels: ab12, rules: ['regex = "(b.*)"; action = "labeldrop"'], result: { a: 'foo' } },
  { labels: ab12, rules: ['regex = ".*"; action = "labeldrop"'], result: {} },

  // letter case
  { labels: { foo: 'bAr123Foo' }, rules: [`${source('foo')}; target_label = "foo_uppercase"; action = "uppercase"`, `${source('foo')}; target_label = "foo_lowercase"; action = "lowercase"`], result: { foo_lowercase: 'bar123foo', foo_uppercase: 'BAR123FOO' }, how: added },
  { labels: { foo: 'Straße' }, rules: [`${source('foo')}; target_label = "foo"; action = "uppercase"`], result: { foo: 'STRAßE' } },
  { labels: { foo: 'x' }, rules: [`${source('missing')}; target_label = "foo"; action = "uppercase"`], result: {} },

  // equality
  { labels: ports, rules: [`${source('__tmp_port')}; target_label = "__port1"; action = "keepequal"`], result: unchanged },
  { labels: ports, rules: [`${source('__tmp_port')}; target_label = "__port1"; action = "dropequal"`], result: dropped },
  { labels: ports, rules: [`${source('__tmp_port')}; target_label = "__port2"; action = "dropequal"`], result: unchanged },
  { labels: ports, rules: [`${source('__tmp_port')}; target_label = "__port2"; action = "keepequal"`], result: dropped },
  { labels: ports, rules: [`${source('missing')}; target_label = "other"; action = "keepequal"`], result: unchanged },
]; // prettier-ignore

test('rules change label sets as those of Prometheus do', () => {
  for (const one of cases) {
    for (const scheme of ['utf8', 'legacy'] as const) {
      const isLegacy = scheme === 'legacy' && one.legacy !== undefined;
      const result = isLegacy ? (one.legacy ?? {}) : one.result;
      const expected = result === unchanged ? one.labels : result;
      const isAdded = one.how === added && !isLegacy && typeof expected === 'object';
      assert.deepEqual(
        run(one, scheme),
        isAdded ? { ...one.labels, ...expected } : expected,
        `${scheme}: ${one.rules.join(' / ')}`,
      );
    }
  }
});
