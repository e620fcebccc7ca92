import type { GoRegexp } from './go-regexp.ts';
import type { GroupTexts } from './matcher.ts';

/** Fills the groups of a match into a template. */
export type Expansion = (groups: GroupTexts) => string;

/**
 * Compiles a template with the rules of Go's `Regexp.Expand`: `$1`, `$name`, `${1}`, `${name}`, and `$$` for a dollar.
 * A name reaches as far as letters, digits and underscores do; an unknown group is empty; any other `$` stands for itself.
 */
export function compileExpansion(template: string, regexp: GoRegexp): Expansion {
  const parts: (string | number[])[] = [];
  let at = 0;
  for (const match of template.matchAll(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu)) {
    parts.push(template.slice(at, match.index));
    const name = match[1] ?? match[2];
    parts.push(name === undefined ? '$' : groupsNamed(name, regexp.groupNames));
    at = match.index + match[0].length;
  }
  parts.push(template.slice(at));
  const [before = '', only, after = ''] = parts;
  if (parts.length === 3 && typeof only === 'object' && before === '' && after === '' && only.length === 1) {
    const [group = 0] = only;
    return (groups) => groups[group] ?? '';
  }
  return (groups) => parts.map((part) => (typeof part === 'string' ? part : firstSet(part, groups))).join('');
}

/** The groups that a name can mean, the first that took part in the match being meant. */
function groupsNamed(name: string, groupNames: readonly (string | undefined)[]): number[] {
  if (/^(?:0|[1-9]\d{0,8})$/.test(name)) return [Number(name)];
  return groupNames.flatMap((groupName, group) => (groupName === name ? [group] : []));
}

function firstSet(candidates: readonly number[], groups: GroupTexts): string {
  for (const group of candidates) {
    const text = groups[group];
    if (text !== undefined) return text;
  }
  return '';
}
