import { messageOf } from '../base/message-of.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { duration, oneOf, secret, string } from '../schema/attributes.ts';
import { decodeBody } from '../schema/decode.ts';
import { evaluateBody, headerOf } from '../schema/evaluated-body.ts';
import type { ArgumentsOf } from '../schema/field.ts';
import type { Block } from '../syntax/ast.ts';
import type { Report } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import { Scope } from '../syntax/scope.ts';
import { sourceFromBytes } from '../syntax/source-text.ts';
import type { Source, Span } from '../syntax/source.ts';
import { Definitions, type Definition, type Namespace } from './definitions.ts';
import { surroundingsOf } from './edges.ts';
import type { Environment } from './environment.ts';

/** Imports inside of imports are followed this far. */
const maxImportDepth = 16;

/** What an import brings: its declares, and all the text they came from, by which changes are seen. */
export interface ImportContent {
  readonly namespace: Namespace;
  readonly text: string;
}

/** Where text for an import comes from, with the value of `module_path` inside of it. */
export interface ImportSource {
  readonly sources: readonly Source[];
  readonly modulePath: string;
}

/** Reads a file, or every `*.alloy` file of a folder in the order of their names. */
export async function readImportFile(filename: string, span: Span, report: Report): Promise<ImportSource | undefined> {
  try {
    const isFolder = (await stat(filename)).isDirectory();
    const names = isFolder ? (await readdir(filename)).filter((name) => name.endsWith('.alloy')).toSorted() : [''];
    const files = names.map((name) => (name === '' ? filename : path.join(filename, name)));
    const sources = await Promise.all(files.map(async (file) => sourceFromBytes(await readFile(file), file, report)));
    if (sources.includes(undefined)) return undefined;
    const modulePath = isFolder ? filename : path.dirname(filename);
    return { sources: sources.filter((source) => source !== undefined), modulePath };
  } catch (error) {
    const message = `cannot read ${JSON.stringify(filename)}: ${messageOf(error)}`;
    report({ severity: 'error', code: 'load/unreadable', message, span });
    return undefined;
  }
}

/** Reads the declares of an import and, first, of the imports in it. Undefined if something is wrong, which is reported. */
export async function loadImport(
  environment: Environment,
  { sources, modulePath }: ImportSource,
  report: Report,
  depth = 0,
): Promise<ImportContent | undefined> {
  let isWhole = true;
  const fail = (message: string, span: Span): void => {
    isWhole = false;
    report({ severity: 'error', code: 'graph/module', message, span });
  };
  const declares: Block[] = [];
  const imports: Block[] = [];
  for (const source of sources) {
    const { file, diagnostics } = parse(source);
    diagnostics.forEach(report);
    if (diagnostics.some(({ severity }) => severity === 'error')) isWhole = false;
    for (const statement of file.body.statements) {
      if (statement.kind === 'block' && statement.name === 'declare') declares.push(statement);
      else if (statement.kind === 'block' && isImport(statement.name)) imports.push(statement);
      else fail(`only declare and import blocks are allowed in a module, got ${statement.name}`, statement.nameSpan);
    }
  }
  const definitions = new Definitions();
  const texts = sources.map((source) => source.text);
  for (const block of imports) {
    if (depth >= maxImportDepth) {
      fail(`imports are nested deeper than ${maxImportDepth} levels`, block.nameSpan);
      continue;
    }
    const content = await loadNested(environment, block, modulePath, report, depth);
    if (content === undefined || block.label === undefined) isWhole = false;
    else definitions.setNamespace(block.label, content.namespace);
    texts.push(content?.text ?? '');
  }
  const namespace = new Map<string, Definition>();
  for (const block of declares) {
    const name = block.label;
    if (name === undefined) {
      fail('declare block must have a label', block.nameSpan);
      continue;
    }
    if (namespace.has(name)) fail(`declare block "${name}" redefined`, headerOf(block));
    const definition = { name, body: block.body, span: headerOf(block), definitions, modulePath };
    namespace.set(name, definition);
    definitions.declare(definition);
  }
  return isWhole ? { namespace, text: texts.join('\0') } : undefined;
}

/** Whether a block brings in declares from somewhere else. */
export function isImport(name: string): boolean {
  return name.startsWith('import.');
}

async function loadNested(
  environment: Environment,
  block: Block,
  modulePath: string,
  report: Report,
  depth: number,
): Promise<ImportContent | undefined> {
  const scope = new Scope(new Map([['module_path', modulePath]]), new Scope(environment.library));
  const source = await readImport(environment, block, scope, report);
  return source && loadImport(environment, source, report, depth + 1);
}

export const importStringFields = {
  content: secret('The text of the module.'),
};

export const importFileFields = {
  filename: string('A file, or a folder whose `*.alloy` files form one module.'),
  detector: oneOf(
    'How changes are noticed: by events of the file system, or by reading again.',
    'fsnotify',
    'poll',
  ).default('fsnotify'),
  poll_frequency: duration('How often the content is read again, whatever the detector.')
    .default(60_000)
    .check((value) => (value > 0 ? undefined : 'must be greater than 0')),
};

/** The text that an import block names, and what must be watched for changes of it. */
export interface ReadImport extends ImportSource {
  readonly watch?: ArgumentsOf<typeof importFileFields>;
}

/** Evaluates an import block and reads what it names. */
export async function readImport(
  environment: Environment,
  block: Block,
  scope: Scope,
  report: Report,
): Promise<ReadImport | undefined> {
  const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
  const surroundings = surroundingsOf(environment, block.name, new Map(), undefined);
  switch (block.name) {
    case 'import.string': {
      const decoded = decodeBody(importStringFields, evaluated, surroundings, report);
      if (decoded.status !== 'ok') return undefined;
      const inherited = scope.lookup('module_path');
      const source = { name: `import.string.${block.label ?? ''}`, text: decoded.args.content.reveal() };
      return { sources: [source], modulePath: typeof inherited === 'string' ? inherited : '' };
    }
    case 'import.file': {
      const decoded = decodeBody(importFileFields, evaluated, surroundings, report);
      if (decoded.status !== 'ok') return undefined;
      const source = await readImportFile(decoded.args.filename, evaluated.span, report);
      return source && { ...source, watch: decoded.args };
    }
    default: {
      const message = `block "${block.name}" is not supported yet`;
      report({ severity: 'error', code: 'graph/unsupported-block', message, span: block.nameSpan });
      return undefined;
    }
  }
}
