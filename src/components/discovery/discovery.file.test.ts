import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { noLog } from '../../base/log.ts';
import { openMetrics } from '../../component/metrics.ts';
import type { Labels } from '../../model/labels.ts';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { testProgram } from '../../testkit/runtime-options.ts';
import { discoveryFile } from './discovery.file.ts';

async function folder(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'discovery-file-'));
  t.after(() => rm(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, name), text);
  return root;
}

/** Runs the component until the test is over. */
async function run(t: TestContext, text: string) {
  const { meters } = openMetrics(discoveryFile.metrics);
  const running = { addresses: [] as readonly string[], exports: 0, health: '', metrics: meters };
  const take = (targets: readonly Labels[] | undefined): void => {
    running.exports++;
    running.addresses = (targets ?? []).map((labels) => labels.get('__address__') ?? '');
  };
  const instance = discoveryFile.build({
    id: 'discovery.file.test',
    args: argumentsFrom(discoveryFile.arguments, text),
    log: noLog,
    metrics: meters,
    dataDir: '/nowhere',
    minimumStability: 'generally-available',
    program: testProgram,
    export: ({ targets }) => take(targets),
    health: (state, message) => (running.health = `${state}: ${message}`),
  });
  const abort = new AbortController();
  take((await instance.prepare?.(abort.signal))?.targets);
  const end = instance.run?.(abort.signal);
  t.after(() => {
    abort.abort();
    return end;
  });
  return running;
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 15_000;
  while (!isDone()) {
    assert.ok(Date.now() < end, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('targets are there before anything runs, in the order of patterns and names', async (t) => {
  const root = await folder(t, {
    'b.json': '[{"targets":["b"]}]',
    'a.yml': '- targets: [a]',
    'z.yaml': '- targets: [z]',
  });
  const running = await run(t, `files = ["${root}/z.yaml", "${root}/*.{json,yml}", "${root}/a.yml"]`);
  assert.deepEqual(running.addresses, ['z', 'a', 'b']);
  const { mtimeMs } = await stat(path.join(root, 'a.yml'));
  assert.equal(running.metrics.modified.with(path.join(root, 'a.yml')).value, mtimeMs / 1000);
});

test('files that change, come and go are noticed', async (t) => {
  const changes: readonly [change: (root: string) => Promise<void>, addresses: readonly string[]][] = [
    [(root) => writeFile(path.join(root, 'a.yml'), '- targets: [a, a2]'), ['a', 'a2', 'b']],
    [(root) => writeFile(path.join(root, 'c.yml'), '- targets: [c]'), ['a', 'b', 'c']],
    [(root) => unlink(path.join(root, 'a.yml')), ['b']],
  ];
  for (const [change, addresses] of changes) {
    const root = await folder(t, { 'a.yml': '- targets: [a]', 'b.yml': '- targets: [b]' });
    const running = await run(t, `files = ["${root}/*.yml"]`);
    await until(() => running.metrics.duration.counts.reduce((sum, count) => sum + count) === 2);
    await change(root);
    await until(() => running.exports === 2);
    assert.deepEqual(running.addresses, addresses);
  }
});

test('a file that cannot be read keeps its targets, and makes it unhealthy', async (t) => {
  const root = await folder(t, { 'a.yml': '- targets: [a]', 'b.yml': '- targets: [b]' });
  const running = await run(t, `files = ["${root}/*"]\nrefresh_interval = "20ms"`);
  await writeFile(path.join(root, 'a.yml'), 'broken: [');
  await writeFile(path.join(root, 'c.txt'), '- targets: [c]');
  await writeFile(path.join(root, 'b.yml'), '- targets: [b2]');
  await until(() => running.addresses.includes('b2'));
  assert.deepEqual(running.addresses, ['a', 'b2']);
  await until(() => /^unhealthy: .*a\.yml: .*; .*c\.txt: the name should end in/.test(running.health));
  assert.ok(running.metrics.readErrors.value > 0);
});

test('a malformed pattern is refused', () => {
  assert.deepEqual(problemsWith(discoveryFile.arguments, 'files = ["/a", "/["]'), [
    'malformed pattern "/[": a character class has no "]"',
  ]);
});
