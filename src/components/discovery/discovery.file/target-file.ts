import path from 'node:path';
import { messageOf } from '../../../base/message-of.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { parseYaml, type YamlData } from '../../../base/yaml.ts';
import type { Labels } from '../../../model/labels.ts';
import { targetsOfGroups } from '../target-groups.ts';

/** The targets of a file of target groups, in JSON or YAML by its name. The label `__meta_filepath` comes from the path. */
export function parseTargetFile(file: string, text: string): readonly Labels[] | ParseError {
  const data = parseData(file, text);
  return data instanceof ParseError ? data : targetsOfGroups(data, ['__meta_filepath', file]);
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
