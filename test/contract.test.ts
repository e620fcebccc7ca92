import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { noLog } from '../src/base/log.ts';
import { components } from '../src/components/index.ts';
import { Runtime } from '../src/runtime/runtime.ts';
import type { Fields } from '../src/schema/field.ts';
import { oneLine } from '../src/syntax/diagnostic.ts';
import { parse } from '../src/syntax/parser.ts';
import { format } from '../src/syntax/printer.ts';
import { processEnvironment } from '../src/syntax/stdlib/environment.ts';
import { standardLibrary } from '../src/syntax/stdlib/library.ts';
import { testProgram } from '../src/testkit/runtime-options.ts';

/** What keeps the process alive, without the requests that are under way, such as those of the test runner. */
function timersAndHandles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => !name.startsWith('FSReq'))
    .toSorted();
}

/** What there is beyond what was there before, such as of another test that has just ended. */
function newSince(before: readonly string[]): string[] {
  const known = [...before];
  return timersAndHandles().filter((name) => {
    const index = known.indexOf(name);
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
}

// What holds for every component, whatever it does.

function runtimeIn(folder: string): Runtime {
  return new Runtime({
    components,
    configBlocks: new Map(),
    library: standardLibrary(processEnvironment('v0.0.0')),
    log: noLog,
    minimumStability: 'experimental',
    program: testProgram,
    dataDir: (id) => path.join(folder, id),
  });
}

function configOf(text: string) {
  return { sources: [{ name: 'example.alloy', text }], modulePath: '/' };
}

/** Every documented thing of a block, by its path. */
function docsOf(fields: Fields, prefix: string, seen = new Set<unknown>()): [string, string][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const own: [string, string] = [`${prefix}.${name}`, field.doc];
    if (field.kind === 'attribute') return [own];
    if (field.kind === 'block') return [own, ...docsOf(field.fields, own[0], seen)];
    const choices = Object.entries(field.choices()).filter(([, choice]) => !seen.has(choice));
    for (const [, choice] of choices) seen.add(choice);
    return [
      own,
      ...choices.flatMap(([choiceName, choice]): [string, string][] => [
        [`${prefix}.${choiceName}`, choice.doc],
        ...docsOf(choice.fields, `${prefix}.${choiceName}`, seen),
      ]),
    ];
  });
}

for (const [name, spec] of components) {
  test(`${name} says of everything what it is, in sentences`, () => {
    const docs: [string, string][] = [
      [name, spec.doc],
      ...docsOf(spec.arguments, name),
      ...Object.entries(spec.exports).map(([key, { doc }]): [string, string] => [`${name}.${key}`, doc]),
      ...Object.values(spec.metrics).map((metric): [string, string] => [metric.name, metric.doc]),
      ...Object.entries(spec.debugInfo ?? {}).map(([key, { doc }]): [string, string] => [`${name}.${key}`, doc]),
    ];
    const unclear = docs.filter(([, doc]) => !/^\s*[A-Z`][\s\S]*[.:]\s*$/.test(doc) && !doc.trim().endsWith('`'));
    assert.deepEqual(unclear, []);
  });

  test(`${name} names its metrics as Prometheus wants`, () => {
    for (const metric of Object.values(spec.metrics)) {
      assert.match(metric.name, /^[a-z][a-z0-9_]*$/);
      for (const label of metric.labels) assert.match(label, /^[a-z][a-z0-9_]*$/);
      assert.deepEqual(
        [...metric.buckets],
        metric.buckets.toSorted((a, b) => a - b),
      );
    }
  });

  test(`the example of ${name} shows it, is formatted but for tabs, and is valid`, async () => {
    assert.ok(spec.example.includes(`${name} "`));
    const { file, diagnostics } = parse({ name: 'example.alloy', text: spec.example });
    assert.deepEqual(diagnostics, []);
    assert.equal(format(file).replaceAll('\t', '  ').trim(), spec.example.trim());
    const runtime = runtimeIn('/nowhere');
    assert.deepEqual((await runtime.check(configOf(spec.example))).map(oneLine), []);
  });

  test(`${name} is built without a timer or a handle, and leaves none when it has stopped`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'contract-'));
    try {
      const before = timersAndHandles();
      const checked = runtimeIn(folder);
      await checked.check(configOf(spec.example));
      assert.deepEqual(newSince(before), [], 'after it was built');

      const runtime = runtimeIn(folder);
      const { isLoaded, diagnostics } = await runtime.load(configOf(spec.example));
      // What an example reads may be missing here.
      if (!isLoaded) assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], ['graph/build']);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(await runtime.stop(5000), 'it stops in time');
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(newSince(before), [], 'after it has stopped');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
