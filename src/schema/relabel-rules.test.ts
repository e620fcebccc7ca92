import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../model/labels.ts';
import { relabel } from '../model/relabel.ts';
import { Capsule } from '../syntax/value.ts';
import { argumentsFrom, problemsWith } from '../testkit/arguments.ts';
import { attribute } from './attributes.ts';
import { compileRules, ruleBlocks, rulesCapsule, rulesType } from './relabel-rules.ts';

const fields = { rule: ruleBlocks };
const problemsOf = (rule: string) => problemsWith(fields, `rule {\n${rule}\n}`);

test('rules have the defaults of Prometheus', () => {
  const { rule } = argumentsFrom(fields, 'rule {\n target_label = "x"\n}');
  const [{ regex, ...rest } = assert.fail()] = rule;
  assert.equal(regex.source, '(.*)');
  assert.deepEqual(rest, {
    action: 'replace',
    source_labels: [],
    separator: ';',
    modulus: 0,
    target_label: 'x',
    replacement: '$1',
  });
  assert.deepEqual(argumentsFrom(fields, ''), { rule: [] });
});

test('rules that make sense are accepted', () => {
  const accepted = [
    'target_label = "x"',
    'action = "keep"',
    'action = "drop"\nsource_labels = ["a"]\nregex = "b"\nmodulus = 5\ntarget_label = "c"',
    'action = "lowercase"\ntarget_label = "${3}"',
    'target_label = "0${3}"',
    'target_label = "-${3}"',
    'target_label = "utf-8.label"',
    'action = "hashmod"\ntarget_label = "x"\nmodulus = 1',
    'action = "labelmap"\nreplacement = "$1"',
    'action = "labelmap"\nreplacement = "${1}"',
    'action = "labelmap"',
    'action = "labeldrop"\nregex = "x"',
    'action = "labeldrop"',
    'action = "keepequal"\nsource_labels = ["a"]\ntarget_label = "b"',
  ];
  for (const rule of accepted) assert.deepEqual(problemsOf(rule), [], rule);
});

test('what a new label name may look like is what Prometheus says', () => {
  const names: readonly [name: string, isAccepted: boolean][] = [
    ['label', true],
    ['label${1}', true],
    ['${1}label', true],
    ['${1}', true],
    ['$1', true],
    ['asd$2asd', true],
    ['_${1}_', true],
    ['foo${bar}foo', true],
    ['a1', true],
    ['-label', false],
    ['-foo${1}bar-', false],
    ['bar.foo${1}bar', false],
    ['1a', false],
    ['${', false],
    ['$', false],
    ['${}', false],
    ['foo${', false],
    ['', false],
    [`${'a'.repeat(200)}-`, false],
    [`${'$a'.repeat(200)}-`, false],
  ];
  for (const [name, isAccepted] of names) {
    const problem = `${JSON.stringify(name)} is invalid 'replacement' for labelmap action`;
    const problems = problemsOf(`action = "labelmap"\nreplacement = ${JSON.stringify(name)}`);
    assert.deepEqual(problems, isAccepted ? [] : [problem]);
  }
});

test('rules that make no sense are refused', () => {
  const needsTarget = (action: string) => `relabel configuration for ${action} action requires 'target_label' value`;
  const onlyEqual = (action: string) =>
    `${action} action requires only 'source_labels' and 'target_label', and no other fields`;
  const onlyRegex = (action: string) => `${action} action requires only 'regex', and no other fields`;
  const actions = ['replace', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep', 'lowercase', 'uppercase']
    .map((action) => `"${action}"`).join(', '); // prettier-ignore
  const cases: readonly [rule: string, problem: string][] = [
    ['', needsTarget('replace')],
    ['action = "lowercase"', needsTarget('lowercase')],
    ['action = "uppercase"', needsTarget('uppercase')],
    ['action = "keepequal"', needsTarget('keepequal')],
    ['action = "dropequal"', needsTarget('dropequal')],
    ['action = "hashmod"\nmodulus = 5', needsTarget('hashmod')],
    ['action = "hashmod"\ntarget_label = "x"', 'relabel configuration for hashmod requires non-zero modulus'],
    [
      'action = "hashmod"\ntarget_label = "x"\nmodulus = -1',
      'relabel configuration for hashmod requires non-zero modulus',
    ],
    [
      'action = "lowercase"\ntarget_label = "x"\nreplacement = "y"',
      "'replacement' can not be set for lowercase action",
    ],
    ['action = "keepequal"\ntarget_label = "x"\nregex = "y"', onlyEqual('keepequal')],
    ['action = "keepequal"\ntarget_label = "x"\nseparator = "y"', onlyEqual('keepequal')],
    ['action = "dropequal"\ntarget_label = "x"\nmodulus = 1', onlyEqual('dropequal')],
    ['action = "dropequal"\ntarget_label = "x"\nreplacement = "y"', onlyEqual('dropequal')],
    ['action = "labeldrop"\nsource_labels = ["a"]', onlyRegex('labeldrop')],
    ['action = "labelkeep"\ntarget_label = "a"', onlyRegex('labelkeep')],
    ['action = "labelkeep"\nmodulus = 2', onlyRegex('labelkeep')],
    ['action = "labeldrop"\nseparator = ""', onlyRegex('labeldrop')],
    ['action = "labeldrop"\nreplacement = ""', onlyRegex('labeldrop')],
    ['action = "Replace"\ntarget_label = "x"', `"Replace" is "Replace", want one of ${actions}`],
    ['action = ""\ntarget_label = "x"', `"" is "", want one of ${actions}`],
    ['action = "keep"\nregex = "("', '"(" is not valid: error parsing regexp: missing closing ): `^(?s:()$`'],
  ];
  for (const [rule, problem] of cases) assert.deepEqual(problemsOf(rule), [problem], rule);
});

test('compiled rules travel through expressions', () => {
  const { rule } = argumentsFrom(fields, 'rule {\n target_label = "x"\n replacement = "y"\n}');
  const rules = compileRules(rule);
  const capsule = rulesType.encode(rules);
  assert.ok(capsule instanceof Capsule);
  assert.equal(rulesCapsule.show(rules), '1 relabel rules');
  const taking = { rules: attribute('Rules.', rulesType) };
  const { rules: taken } = argumentsFrom(taking, 'rules = given', { given: capsule });
  assert.equal(taken, rules);
  assert.equal(relabel(Labels.empty, taken, 'utf8')?.toString(), '{x="y"}');
  assert.deepEqual(argumentsFrom(taking, 'rules = null').rules, []);
  assert.deepEqual(problemsWith(taking, 'rules = []'), ['[] should be relabel rules, got array']);
});
