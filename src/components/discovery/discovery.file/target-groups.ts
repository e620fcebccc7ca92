import path from 'node:path';
import { messageOf } from '../../../base/message-of.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { parseYaml, type YamlData } from '../../../base/yaml.ts';
import { Labels } from '../../../model/labels.ts';

/**
 * The targets of a file of target groups, `[{ targets: [...], labels: {...} }]`, in JSON or YAML by its name. The label
 * `__address__` comes from the target and `__meta_filepath` from the path.
 */
export function parseTargetGroups(file: string, text: string): readonly Labels[] | ParseError {
  const data = parseData(file, text);
  if (data instanceof ParseError) return data;
  if (data === null) return [];
  if (!isList(data)) return new ParseError('should be a list of target groups');
  const targets: Labels[] = [];
  for (const [index, group] of data.entries()) {
    const added = parseGroup(file, group);
    if (added instanceof ParseError) return new ParseError(`target group ${index}: ${added.message}`);
    for (const target of added) targets.push(target);
  }
  return targets;
}

function parseData(file: string, text: string): YamlData | ParseError {
  switch (path.extname(file).toLowerCase()) {
    case '.json':
      try {
        return JSON.parse(text) as YamlData;
      } catch (error) {
        return new ParseError(messageOf(error));
      }
    case '.yml':
    case '.yaml':
      return parseYaml(text);
    default:
      return new ParseError('the name should end in .json, .yml or .yaml');
  }
}

function parseGroup(file: string, group: YamlData): readonly Labels[] | ParseError {
  if (!isObject(group)) return new ParseError('should be an object');
  const unknown = Object.keys(group).find((key) => key !== 'targets' && key !== 'labels');
  if (unknown !== undefined) return new ParseError(`unknown field ${JSON.stringify(unknown)}`);
  const labels = group['labels'] ?? {};
  if (!isObject(labels)) return new ParseError('labels should be an object');
  const shared: [string, string][] = [];
  for (const [name, value] of Object.entries(labels)) {
    const text = asText(value);
    if (text === undefined || name === '') return new ParseError(`label ${JSON.stringify(name)} should be a string`);
    shared.push([name, text]);
  }
  shared.push(['__meta_filepath', file]);
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
