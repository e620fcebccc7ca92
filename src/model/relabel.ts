import { createHash } from 'node:crypto';
import type { Expansion } from '../base/go-regexp/expansion.ts';
import type { GoRegexp } from '../base/go-regexp/go-regexp.ts';
import { lowerCase, upperCase } from '../base/letter-case.ts';
import type { Labels } from './labels.ts';

export const relabelActions = [
  'replace', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep', 'lowercase', 'uppercase',
] as const; // prettier-ignore

export type RelabelAction = (typeof relabelActions)[number];

/** A relabelling rule with everything compiled. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** Matches the whole of what it is asked about. */
  readonly regex: GoRegexp;
  readonly modulus: number;
  readonly targetLabel: string;
  /** The target label where it has parts of the match in it. */
  readonly targetExpansion: Expansion;
  readonly replacement: Expansion;
}

/** Which label names a rule may make: any text, or `[a-zA-Z_][a-zA-Z0-9_]*` as Prometheus had it for long. */
export type NameScheme = 'utf8' | 'legacy';

/** Puts a label set through rules, in order. Undefined if one of them drops it. Labels with empty values are none. */
export function relabel(labels: Labels, rules: readonly RelabelRule[], scheme: NameScheme): Labels | undefined {
  let current: Labels | undefined = labels.values.includes('')
    ? labels.filter((name) => labels.get(name) !== '')
    : labels;
  for (const rule of rules) {
    current = apply(rule, current, scheme);
    if (current === undefined) return undefined;
  }
  return current;
}

function apply(rule: RelabelRule, labels: Labels, scheme: NameScheme): Labels | undefined {
  const { action, targetLabel } = rule;
  switch (action) {
    case 'replace':
      return replace(rule, labels, scheme);
    case 'keep':
      return rule.regex.test(sourceOf(rule, labels)) ? labels : undefined;
    case 'drop':
      return rule.regex.test(sourceOf(rule, labels)) ? undefined : labels;
    case 'keepequal':
      return (labels.get(targetLabel) ?? '') === sourceOf(rule, labels) ? labels : undefined;
    case 'dropequal':
      return (labels.get(targetLabel) ?? '') === sourceOf(rule, labels) ? undefined : labels;
    case 'hashmod':
      return set(labels, targetLabel, hashmod(sourceOf(rule, labels), rule.modulus));
    case 'lowercase':
      return set(labels, targetLabel, lowerCase(sourceOf(rule, labels)));
    case 'uppercase':
      return set(labels, targetLabel, upperCase(sourceOf(rule, labels)));
    case 'labelmap':
      return labelmap(rule, labels);
    case 'labeldrop':
      return labels.filter((name) => !rule.regex.test(name));
    case 'labelkeep':
      return labels.filter((name) => rule.regex.test(name));
    default:
      throw new TypeError('unknown relabel action', { cause: action satisfies never });
  }
}

/** The values of the source labels in one text; a label that is missing counts as empty. */
function sourceOf({ sourceLabels, separator }: RelabelRule, labels: Labels): string {
  const [first] = sourceLabels;
  if (first === undefined) return '';
  if (sourceLabels.length === 1) return labels.get(first) ?? '';
  return sourceLabels.map((name) => labels.get(name) ?? '').join(separator);
}

/** Sets a label; an empty value removes it. */
function set(labels: Labels, name: string, value: string): Labels {
  return value === '' ? labels.without(name) : labels.with(name, value);
}

function replace(rule: RelabelRule, labels: Labels, scheme: NameScheme): Labels {
  const match = rule.regex.match(sourceOf(rule, labels));
  if (match === null) return labels;
  const target = rule.targetExpansion(match);
  if (target === '' || (scheme === 'legacy' && !/^[a-zA-Z_]\w*$/.test(target))) return labels;
  return set(labels, target, rule.replacement(match));
}

function labelmap(rule: RelabelRule, labels: Labels): Labels {
  let mapped = labels;
  for (const [name, value] of labels) {
    const match = rule.regex.match(name);
    const target = match === null ? '' : rule.replacement(match);
    if (target !== '') mapped = set(mapped, target, value);
  }
  return mapped;
}

/** The last eight bytes of the MD5 sum, as a number, modulo. */
function hashmod(text: string, modulus: number): string {
  const sum = createHash('md5').update(text).digest();
  return String(sum.readBigUInt64BE(8) % BigInt(modulus));
}
