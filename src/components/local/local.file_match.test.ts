import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { noLog } from '../../base/log.ts';
import type { Labels } from '../../model/labels.ts';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { testProgram } from '../../testkit/runtime-options.ts';
import { localFileMatch } from './local.file_match.ts';

interface Running {
  /** The labels of the targets that were exported last, without the folder in their paths. */
  targets(): readonly Readonly<Record<string, string>>[];
  update(text: string): void;
  health: string;
}

async function folder(t: TestContext, ...files: readonly string[]): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'file-match-'));
  t.after(() => rm(root, { recursive: true }));
  for (const file of files) await add(root, file);
  return root;
}

async function add(root: string, file: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), '');
}

/** Runs the component until the test is over. In the text, `ROOT` stands for the folder. */
function run(t: TestContext, root: string, text: string): Running {
  const decode = (body: string) => argumentsFrom(localFileMatch.arguments, body.replaceAll('ROOT', root));
  let exported: readonly Labels[] = [];
  const running: Running = {
    targets: () =>
      exported.map((labels) => Object.fromEntries([...labels].map(([k, v]) => [k, v.replaceAll(root, 'ROOT')]))),
    update: (body) => instance.update?.(decode(body)),
    health: '',
  };
  const instance = localFileMatch.build({
    id: 'local.file_match.test',
    args: decode(text),
    log: noLog,
    metrics: {},
    dataDir: root,
    minimumStability: 'generally-available',
    program: testProgram,
    export: ({ targets }) => (exported = targets ?? exported),
    health: (state, message) => (running.health = `${state}: ${message}`),
  });
  const abort = new AbortController();
  const end = instance.run?.(abort.signal);
  t.after(() => {
    abort.abort();
    return end;
  });
  return running;
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isDone()) {
    assert.ok(Date.now() < end, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('a target is exported for each file, with the labels of the pattern', async (t) => {
  const root = await folder(t, 'a.log', 'b.log', 'c.txt', 'b.log.gz');
  const match = run(
    t,
    root,
    'path_targets = [{ __path__ = "ROOT/*.{log,txt}", __path_exclude__ = "ROOT/c*", job = "x" }, { __path__ = "ROOT/a*" }]',
  );
  await until(() => match.targets().length > 0);
  assert.deepEqual(match.targets(), [
    { __path__: 'ROOT/a.log', __path_exclude__: 'ROOT/c*', job: 'x' },
    { __path__: 'ROOT/b.log', __path_exclude__: 'ROOT/c*', job: 'x' },
    { __path__: 'ROOT/a.log' },
  ]);
});

test('files that come and go are noticed', async (t) => {
  const root = await folder(t, 'a/1.txt', 'b/2.txt');
  const match = run(t, root, 'path_targets = [{ __path__ = "ROOT/**/*.txt" }]\nsync_period = "20ms"');
  await until(() => match.targets().length === 2);
  await add(root, 'c/d/3.txt');
  await until(() => match.targets().length === 3);
  await rm(path.join(root, 'c'), { recursive: true });
  await until(() => match.targets().length === 2);
});

test('files that were not written to for long are left out', async (t) => {
  const root = await folder(t, 'old.txt', 'new.txt');
  await utimes(path.join(root, 'old.txt'), 1000, 1000);
  const match = run(t, root, 'path_targets = [{ __path__ = "ROOT/*.txt" }]\nignore_older_than = "1h"');
  await until(() => match.targets().length > 0);
  assert.deepEqual(match.targets(), [{ __path__: 'ROOT/new.txt' }]);
});

test('new arguments count at once', async (t) => {
  const root = await folder(t, 'a.txt', 'b.log');
  const match = run(t, root, 'path_targets = [{ __path__ = "ROOT/*.txt" }]\nsync_period = "1h"');
  await until(() => match.targets().length === 1);
  match.update('path_targets = [{ __path__ = "ROOT/*" }]\nsync_period = "1h"');
  await until(() => match.targets().length === 2);
});

test('a malformed pattern makes it unhealthy, and finds nothing', async (t) => {
  const root = await folder(t, 'a.txt');
  const match = run(t, root, 'path_targets = [{ __path__ = "ROOT/[" }, { __path__ = "ROOT/a.txt" }, { job = "x" }]');
  await until(() => match.targets().length > 0);
  assert.deepEqual(match.targets(), [{ __path__: 'ROOT/a.txt' }]);
  assert.equal(match.health, `unhealthy: malformed pattern "${root}/[": a character class has no "]"`);
  match.update('path_targets = [{ __path__ = "ROOT/a.txt" }]');
  await until(() => match.health === 'healthy: all patterns are valid');
});

test('a period of nothing is refused', () => {
  assert.deepEqual(problemsWith(localFileMatch.arguments, 'path_targets = []\nsync_period = "0s"'), [
    'sync_period must be greater than 0',
  ]);
});
