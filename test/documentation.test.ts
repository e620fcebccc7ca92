import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { describeFlags } from '../src/cli/flags.ts';
import { fmtFlags, runFlags, validateFlags } from '../src/cli/options.ts';
import { Program } from '../src/cli/program.ts';
import { referencePage } from '../src/component/reference-page.ts';
import { components } from '../src/components/index.ts';
import { runtimeCodes } from '../src/runtime/codes.ts';
import { argumentFields } from '../src/runtime/nodes/argument-node.ts';
import { exportFields } from '../src/runtime/nodes/export-node.ts';
import { foreachFields } from '../src/runtime/nodes/foreach-node.ts';
import { importFileFields, importStringFields } from '../src/runtime/import-content.ts';
import { schemaCodes } from '../src/schema/codes.ts';
import type { Fields } from '../src/schema/field.ts';
import { referenceOf, table } from '../src/schema/reference.ts';
import { toJsonSchema } from '../src/schema/to-json-schema.ts';
import { syntaxCodes } from '../src/syntax/codes.ts';
import { signatureOf } from '../src/syntax/evaluate.ts';
import type { FunctionValue } from '../src/syntax/function-value.ts';
import { processEnvironment } from '../src/syntax/stdlib/environment.ts';
import { standardLibrary } from '../src/syntax/stdlib/library.ts';
import { isObject, kindOf, type Value } from '../src/syntax/value.ts';

/*
 * The pages of docs/reference are generated from the definitions. `npm run golden` writes them; this test fails if one
 * of them is not what it would write.
 */
const folder = path.join(import.meta.dirname, '../docs/reference');
const notice = '<!-- Generated from the definitions by `npm run golden`. Do not edit. -->\n\n';

const { runtime } = new Program({
  components,
  version: 'v0.0.0',
  configPath: '',
  minimumStability: 'experimental',
  storagePath: '',
  nodeName: '',
  listenAddress: { host: '', port: 0 },
  memoryAddress: '',
  uiPathPrefix: '/',
  writeLog: () => undefined,
});

const moduleBlocks: readonly { name: string; doc: string; fields: Fields; example: string }[] = [
  {
    name: 'argument',
    doc: 'Defines an argument of a custom component; allowed in `declare` only. Its label is the name of the argument, which expressions see as `argument.<name>.value`.',
    fields: argumentFields,
    example: 'declare "greeter" {\n\targument "name" {\n\t\toptional = true\n\t\tdefault  = "world"\n\t}\n}',
  },
  {
    name: 'export',
    doc: 'Defines an export of a custom component; allowed in `declare` only. Its label is the name of the export.',
    fields: exportFields,
    example: 'declare "answer" {\n\texport "value" {\n\t\tvalue = 42\n\t}\n}',
  },
  {
    name: 'foreach',
    doc: 'Runs the components of its `template` block once for each item of a collection. Stability: experimental.',
    fields: foreachFields,
    example:
      'foreach "apps" {\n\tcollection = ["web", "api"]\n\tvar        = "app"\n\n\ttemplate {\n\t\tlocal.file_match "logs" {\n\t\t\tpath_targets = [{"__path__" = "/var/log/" + app + "/*.log"}]\n\t\t}\n\t}\n}',
  },
  {
    name: 'import.file',
    doc: 'Makes the custom components in a file, or in the `*.alloy` files of a folder, usable under its label as namespace. Content that cannot be used leaves the last good one in place.',
    fields: importFileFields,
    example: 'import.file "lib" {\n\tfilename = "/etc/millrace/lib.alloy"\n}',
  },
  {
    name: 'import.string',
    doc: 'Makes the custom components in a text usable under its label as namespace.',
    fields: importStringFields,
    example: 'import.string "lib" {\n\tcontent = sys.env("LIB")\n}',
  },
];

function pages(): Map<string, string> {
  const found = new Map<string, string>();
  const json = (data: unknown): string => `${JSON.stringify(data, undefined, 2)}\n`;
  for (const spec of components.values()) {
    found.set(`components/${spec.name}.md`, notice + referencePage(spec));
    found.set(`schema/${spec.name}.json`, json(toJsonSchema(spec.arguments, spec.name, spec.doc.trim())));
  }
  for (const spec of runtime.configBlocks.values()) {
    const text = `# ${spec.name}\n\n${spec.doc.trim()}\n\n## Example\n\n\`\`\`alloy\n${spec.example.trim()}\n\`\`\`\n\n## Arguments\n\n${referenceOf(spec.arguments, 3)}\n`;
    found.set(`blocks/${spec.name}.md`, notice + text);
  }
  for (const { name, doc, fields, example } of moduleBlocks) {
    const text = `# ${name}\n\n${doc}\n\n## Example\n\n\`\`\`alloy\n${example}\n\`\`\`\n\n## Arguments\n\n${referenceOf(fields, 3)}\n`;
    found.set(`blocks/${name}.md`, notice + text);
  }
  found.set('standard-library.md', notice + libraryPage());
  found.set('diagnostics.md', notice + diagnosticsPage());
  found.set('command-line.md', notice + commandLinePage());
  found.set('README.md', notice + overview([...found.keys()]));
  return found;
}

function libraryPage(): string {
  const functions = functionsIn(standardLibrary(processEnvironment('v0.0.0')));
  const current = functions.filter(({ replacedBy }) => replacedBy === undefined);
  const rows = current.map((one) => [
    `\`${signatureOf(one)}\``,
    one.stability === 'experimental' ? `${one.doc} Experimental.` : one.doc,
  ]);
  const aliases = functions.flatMap(({ name, replacedBy }) =>
    replacedBy === undefined ? [] : [[`\`${name}\``, `\`${replacedBy}\``]],
  );
  return `# Standard library

${table(['Function', 'Description'], rows)}

The object \`constants\` has the fields \`hostname\`, \`os\`, \`arch\` and \`version\`. Inside of modules, \`module_path\` is the folder
the module comes from.

## Deprecated names

${table(['Name', 'Use instead'], aliases)}
`;
}

function functionsIn(values: ReadonlyMap<string, Value>): FunctionValue[] {
  return [...values.values()].flatMap((value) => {
    if (isObject(value)) return functionsIn(value);
    return kindOf(value) === 'function' ? [value as FunctionValue] : [];
  });
}

function diagnosticsPage(): string {
  const codes = { ...syntaxCodes, ...schemaCodes, ...runtimeCodes };
  const rows = Object.entries(codes).map(([code, doc]) => [`\`${code}\``, doc]);
  return `# Diagnostics

What \`run\`, \`validate\` and \`fmt\` report of a configuration, by the code in brackets.

${table(['Code', 'Meaning'], rows)}
`;
}

function commandLinePage(): string {
  const commands = { run: runFlags, validate: validateFlags, fmt: fmtFlags };
  const sections = Object.entries(commands).map(
    ([name, flags]) => `## millrace ${name}\n\n\`\`\`\n${describeFlags(flags)}\`\`\``,
  );
  return `# Command line\n\n${sections.join('\n\n')}\n`;
}

function overview(files: readonly string[]): string {
  const list = (prefix: string): string =>
    files
      .filter((file) => file.startsWith(prefix) && file.endsWith('.md'))
      .map((file) => `- [${path.basename(file, '.md')}](${file})`)
      .join('\n');
  return `# Reference

## Components

${list('components/')}

## Configuration blocks

${list('blocks/')}

## Language and commands

- [Standard library](standard-library.md)
- [Diagnostics](diagnostics.md)
- [Command line](command-line.md)

The arguments of each component are also in \`schema/\` as JSON Schema.
`;
}

test('the generated reference is current', () => {
  const wanted = pages();
  if (process.env.UPDATE_GOLDEN === '1') {
    rmSync(folder, { recursive: true, force: true });
    for (const [name, text] of wanted) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
  }
  const present = globSync('**/*.{md,json}', { cwd: folder });
  assert.deepEqual(present.toSorted(), [...wanted.keys()].toSorted(), 'run `npm run golden`');
  for (const [name, text] of wanted)
    assert.equal(readFileSync(path.join(folder, name), 'utf8'), text, `${name}: run \`npm run golden\``);
});

test('every link in the pages leads to a file', () => {
  const root = path.join(import.meta.dirname, '..');
  const broken = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).flatMap((page) => {
    const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
    const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    const isMissing = (target: string): boolean =>
      !/^[a-z]+:/.test(target) && !existsSync(path.join(root, path.dirname(page), target));
    return targets.filter(isMissing).map((target) => `${page}: ${target}`);
  });
  assert.deepEqual(broken, []);
});
