import { ParseError } from '../../base/parse-error.ts';
import type { YamlData } from '../../base/yaml.ts';
import { Labels } from '../../model/labels.ts';

/** Longer texts are hardly lists of targets. */
export const maxTargetListBytes = 64 * 1024 * 1024;

/**
 * The targets of target groups, `[{ targets: [...], labels: {...} }]`. The label `__address__` comes from the target; each
 * one also gets a label that says where the list is from.
 */
export function targetsOfGroups(
  data: YamlData,
  origin: readonly [name: string, value: string],
): readonly Labels[] | ParseError {
  if (data === null) return [];
  if (!isList(data)) return new ParseError('should be a list of target groups');
  const targets: Labels[] = [];
  for (const [index, group] of data.entries()) {
    const added = targetsOfGroup(group, origin);
    if (added instanceof ParseError) return new ParseError(`target group ${index}: ${added.message}`);
    for (const target of added) targets.push(target);
  }
  return targets;
}

function targetsOfGroup(
  group: YamlData,
  origin: readonly [name: string, value: string],
): readonly Labels[] | ParseError {
  if (!isObject(group)) return new ParseError('should be an object');
  const unknown = Object.keys(group).find((key) => key !== 'targets' && key !== 'labels');
  if (unknown !== undefined) return new ParseError(`unknown field ${JSON.stringify(unknown)}`);
  const labels = group['labels'] ?? {};
  if (!isObject(labels)) return new ParseError('labels should be an object');
  const shared: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(labels)) {
    const text = asText(value);
    if (text === undefined || name === '') return new ParseError(`label ${JSON.stringify(name)} should be a string`);
    shared.push([name, text]);
  }
  shared.push(origin);
  const addresses = group['targets'] ?? [];
  if (!isList(addresses)) return new ParseError('targets should be a list');
  const targets: Labels[] = [];
  for (const value of addresses) {
    const address = asText(value);
    if (address === undefined) return new ParseError('targets should be strings');
    targets.push(Labels.from([...shared, ['__address__', address]]));
  }
  return targets;
}

function isObject(data: YamlData): data is { readonly [key: string]: YamlData } {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function isList(data: YamlData): data is readonly YamlData[] {
  return Array.isArray(data);
}

function asText(data: YamlData): string | undefined {
  return typeof data === 'object' ? undefined : data.toString();
}
