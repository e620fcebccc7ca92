import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { noLog } from '../src/base/log.ts';
import { component } from '../src/component/component.ts';
import { components } from '../src/components/index.ts';
import { runtimeCodes } from '../src/runtime/codes.ts';
import { configBlock } from '../src/runtime/config-block.ts';
import { Runtime } from '../src/runtime/runtime.ts';
import { bool, list, map, number, string } from '../src/schema/attributes.ts';
import { schemaCodes } from '../src/schema/codes.ts';
import { anyType, stringType } from '../src/schema/types.ts';
import { syntaxCodes } from '../src/syntax/codes.ts';
import { printDiagnostics } from '../src/syntax/diagnostic-printer.ts';
import { inOrder, type Diagnostic } from '../src/syntax/diagnostic.ts';
import { sourceFromBytes } from '../src/syntax/source-text.ts';
import { processEnvironment } from '../src/syntax/stdlib/environment.ts';
import { standardLibrary } from '../src/syntax/stdlib/library.ts';
import { testProgram } from '../src/testkit/runtime-options.ts';

/*
 * For every diagnostic code there is a configuration that shows it, testdata/diagnostics/<code>.alloy, and what people see
 * then, <code>.txt. `UPDATE_GOLDEN=1` writes the latter.
 */
const folder = path.join(import.meta.dirname, 'testdata/diagnostics');
const codes = Object.keys({ ...syntaxCodes, ...schemaCodes, ...runtimeCodes });

/** Codes that no configuration alone leads to; the tests of the runtime show them. */
const withoutFixture = new Set(['load/stopping']);

const values = component({
  name: 'test.values',
  stability: 'generally-available',
  doc: 'Takes values of several types.',
  example: 'test.values "a" { }',
  arguments: {
    number: number('A number.').default(0),
    list: list('A list.', anyType).default([]),
    map: map('A map.', stringType).default(new Map()),
    experiment: bool('Something new.').needs('experimental').default(false),
    fails: bool('Whether the component cannot be built.').default(false),
  },
  exports: {},
  metrics: {},
  build({ args }) {
    if (args.fails) throw new Error('it was told to fail');
    return { exports: {} };
  },
});

const logging = configBlock({
  name: 'logging',
  stability: 'generally-available',
  doc: 'Stands for the block of that name.',
  example: 'logging { }',
  arguments: { level: string('The level.').default('info'), format: string('The format.').default('logfmt') },
  apply: () => undefined,
});

async function diagnosticsOf(code: string): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const name = `${path.basename(code)}.alloy`;
  const source = sourceFromBytes(readFileSync(path.join(folder, `${code}.alloy`)), name, (problem) =>
    found.push(problem),
  );
  if (source === undefined) return found;
  const runtime = new Runtime({
    components: new Map([...components, [values.name, values]]),
    configBlocks: new Map([[logging.name, logging]]),
    library: standardLibrary(processEnvironment('v0.0.0')),
    log: noLog,
    minimumStability: code === 'schema/missing-block' ? 'experimental' : 'generally-available',
    program: testProgram,
    dataDir: (id) => id,
  });
  return inOrder([...found, ...(await runtime.check({ sources: [source], modulePath: '/etc' }))]);
}

for (const code of codes.filter((name) => !withoutFixture.has(name))) {
  test(`${code} is shown as people should see it`, async () => {
    const diagnostics = await diagnosticsOf(code);
    assert.ok(
      diagnostics.some((diagnostic) => diagnostic.code === code),
      `the fixture leads to: ${diagnostics.map((diagnostic) => diagnostic.code).join(', ')}`,
    );
    const text = printDiagnostics(diagnostics, { color: false });
    const golden = path.join(folder, `${code}.txt`);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, text);
    assert.ok(existsSync(golden), `${code}.txt is missing: run \`npm run golden\``);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });
}

test('there are no fixtures but those of codes', () => {
  const fixtures = globSync('**/*.alloy', { cwd: folder }).map((file) => file.replace(/\.alloy$/, ''));
  assert.deepEqual(fixtures.toSorted(), codes.filter((code) => !withoutFixture.has(code)).toSorted());
});
