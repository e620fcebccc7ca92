import { compileExpansion } from '../base/go-regexp/expansion.ts';
import { compileGoRegexp, GoRegexp } from '../base/go-regexp/go-regexp.ts';
import { relabelActions, type RelabelRule } from '../model/relabel.ts';
import { Capsule, type CapsuleType } from '../syntax/value.ts';
import { integer, list, oneOf, regexp, string } from './attributes.ts';
import { blocks } from './blocks.ts';
import { exported, type ValueExport } from './exports.ts';
import type { ArgumentsOf } from './field.ts';
import { nameOf } from './receiver.ts';
import { stringType } from './types.ts';
import type { ValueType } from './value-type.ts';

const everything = compileGoRegexp('(.*)', { anchored: true });

const ruleFields = {
  action: oneOf('What the rule does.', ...relabelActions).default('replace'),
  source_labels: list('Labels whose values, joined by the separator, the rule looks at.', stringType).default([]),
  separator: string('What joins the values of the source labels.').default(';'),
  regex: regexp('What must match: the whole source value, or the whole label name for the actions on names.', {
    anchored: true,
  }).default(everything instanceof GoRegexp ? everything : (undefined as never)),
  modulus: integer('The modulus of the hash, for `hashmod`.').default(0),
  target_label: string('The label that is set or compared. For `replace` it may hold groups of the match.').default(''),
  replacement: string('The value that is set, or the new name for `labelmap`; may hold groups of the match.').default(
    '$1',
  ),
};

type RuleArguments = ArgumentsOf<typeof ruleFields>;

/** The `rule` blocks of every component that relabels. */
export const ruleBlocks = blocks(
  'A relabelling rule. Rules are applied in the order they are written.',
  ruleFields,
).check(problemOf);

/** Rules as the blocks give them, compiled. */
export function compileRules(rules: readonly RuleArguments[]): RelabelRule[] {
  return rules.map((rule) => ({
    action: rule.action,
    sourceLabels: rule.source_labels,
    separator: rule.separator,
    regex: rule.regex,
    modulus: rule.modulus,
    targetLabel: rule.target_label,
    targetExpansion: compileExpansion(rule.target_label, rule.regex),
    replacement: compileExpansion(rule.replacement, rule.regex),
  }));
}

/** A label name of Prometheus with groups in it. Written so that no text takes long. */
const nameTemplate = /^(?:[a-zA-Z_]|\$(?:\{\w+\}|\w))(?:\w|\$(?:\{\w+\}|\w))*$/;

const needsTarget = new Set(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']);

/** What is wrong with the arguments of a rule together. */
function problemOf(rule: RuleArguments): string | undefined {
  const { action } = rule;
  const isChanged = {
    source_labels: rule.source_labels.length > 0,
    separator: rule.separator !== ';',
    regex: rule.regex.source !== '(.*)',
    modulus: rule.modulus !== 0,
    target_label: rule.target_label !== '',
    replacement: rule.replacement !== '$1',
  };
  const changedBut = (...allowed: readonly (keyof typeof isChanged)[]): string | undefined =>
    (Object.keys(isChanged) as (keyof typeof isChanged)[]).find((name) => isChanged[name] && !allowed.includes(name));

  if (action === 'hashmod' && rule.modulus <= 0) return 'relabel configuration for hashmod requires non-zero modulus';
  if (needsTarget.has(action) && rule.target_label === '') {
    return `relabel configuration for ${action} action requires 'target_label' value`;
  }
  if ((action === 'lowercase' || action === 'uppercase') && isChanged.replacement) {
    return `'replacement' can not be set for ${action} action`;
  }
  if (action === 'labeldrop' || action === 'labelkeep') {
    if (changedBut('regex') !== undefined) return `${action} action requires only 'regex', and no other fields`;
  }
  if (action === 'keepequal' || action === 'dropequal') {
    if (changedBut('source_labels', 'target_label') !== undefined) {
      return `${action} action requires only 'source_labels' and 'target_label', and no other fields`;
    }
  }
  if (action === 'labelmap' && !nameTemplate.test(rule.replacement)) {
    return `${JSON.stringify(rule.replacement)} is invalid 'replacement' for ${action} action`;
  }
  return undefined;
}

/** How rules travel through expressions, from a relabel component to a source that uses them. */
export const rulesCapsule: CapsuleType<readonly RelabelRule[]> = {
  name: 'relabel rules',
  show: (rules) => `${rules.length} relabel rules`,
};

export const rulesType: ValueType<readonly RelabelRule[]> = {
  name: 'relabel rules',
  jsonSchema: { type: 'string', format: 'relabel-rules' },
  zero: [],
  decode(value, at) {
    if (value instanceof Capsule && value.type === rulesCapsule) return value.value as readonly RelabelRule[];
    return at.fail(`should be relabel rules, got ${nameOf(value)}`);
  },
  encode: (rules) => new Capsule(rulesCapsule, rules),
};

export function exportedRules(doc: string): ValueExport<readonly RelabelRule[]> {
  return exported(doc, rulesType);
}
