import type { FunctionValue } from '../function-value.ts';
import type { ObjectValue, Value } from '../value.ts';
import { arrayFunctions } from './array.ts';
import { coalesce } from './coalesce.ts';
import { convertFunctions } from './convert.ts';
import { encodingFunctions } from './encoding.ts';
import type { LibraryEnvironment } from './environment.ts';
import { fileFunctions } from './file.ts';
import { jsonPath } from './json-path.ts';
import { stringFunctions } from './string.ts';
import { sysFunctions } from './sys.ts';

/** The names that functions had before there were namespaces. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['env', 'sys.env'],
  ['nonsensitive', 'convert.nonsensitive'],
  ['concat', 'array.concat'],
  ['json_decode', 'encoding.from_json'],
  ['yaml_decode', 'encoding.from_yaml'],
  ['base64_decode', 'encoding.from_base64'],
  ['format', 'string.format'],
  ['join', 'string.join'],
  ['replace', 'string.replace'],
  ['split', 'string.split'],
  ['to_lower', 'string.to_lower'],
  ['to_upper', 'string.to_upper'],
  ['trim', 'string.trim'],
  ['trim_prefix', 'string.trim_prefix'],
  ['trim_suffix', 'string.trim_suffix'],
  ['trim_space', 'string.trim_space'],
]);

/** Every name of the standard library: namespaces, top-level functions, `constants` and deprecated aliases. */
export function standardLibrary(environment: LibraryEnvironment): ReadonlyMap<string, Value> {
  const namespaced: readonly FunctionValue[] = [
    ...arrayFunctions,
    ...convertFunctions,
    ...encodingFunctions,
    ...fileFunctions,
    ...stringFunctions,
    ...sysFunctions((name) => environment.variable(name)),
  ];
  const library = new Map<string, Value>([
    ['coalesce', coalesce],
    ['constants', constants(environment)],
    ['json_path', jsonPath],
  ]);
  for (const [namespace, members] of Map.groupBy(namespaced, ({ name }) => name.slice(0, name.indexOf('.')))) {
    library.set(namespace, new Map(members.map((member) => [member.name.slice(namespace.length + 1), member])));
  }
  for (const [alias, replacedBy] of aliases) {
    const target = namespaced.find(({ name }) => name === replacedBy);
    if (target !== undefined) library.set(alias, { ...target, name: alias, replacedBy });
  }
  return library;
}

function constants({ hostname, os, arch, version }: LibraryEnvironment): ObjectValue {
  return new Map([
    ['hostname', hostname],
    ['os', os],
    ['arch', arch],
    ['version', version],
  ]);
}
