import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { logTo } from '../../base/log.ts';
import { Secret } from '../../syntax/secret.ts';
import { argumentsFrom } from '../../testkit/arguments.ts';
import { testProgram } from '../../testkit/runtime-options.ts';
import { localFile } from './local.file.ts';

interface Running {
  content: string | Secret | undefined;
  health: string;
  readonly errors: string[];
}

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'local-file-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

/** Runs the component until the test is over. */
async function run(t: TestContext, filename: string, options = ''): Promise<Running> {
  const running: Running = { content: undefined, health: '', errors: [] };
  const instance = localFile.build({
    id: 'local.file.test',
    args: argumentsFrom(localFile.arguments, `filename = ${JSON.stringify(filename)}\n${options}`),
    log: logTo((_level, _message, { error }) => running.errors.push(String(error))),
    metrics: {},
    dataDir: '/nowhere',
    minimumStability: 'generally-available',
    program: testProgram,
    export: ({ content }) => (running.content = content),
    health: (state, message) => (running.health = `${state}: ${message}`),
  });
  const abort = new AbortController();
  running.content = (await instance.prepare?.(abort.signal))?.content;
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

test('the content is there before anything runs', async (t) => {
  const file = path.join(await folder(t), 'token');
  await writeFile(file, 'hello\n');
  assert.equal((await run(t, file)).content, 'hello\n');
});

test('a secret is exported as one', async (t) => {
  const file = path.join(await folder(t), 'token');
  await writeFile(file, 'hunter2');
  const { content } = await run(t, file, 'is_secret = true');
  assert.ok(content instanceof Secret);
  assert.equal(content.reveal(), 'hunter2');
});

test('a file that is missing or no file fails the load', async (t) => {
  const root = await folder(t);
  await assert.rejects(run(t, path.join(root, 'token')), /cannot read ".*token": ENOENT/);
  await assert.rejects(run(t, root), /is not a regular file/);
});

for (const options of ['', 'detector = "poll"\npoll_frequency = "10ms"']) {
  test(`changes are noticed ${options === '' ? 'by events' : 'by polling'}`, async (t) => {
    const file = path.join(await folder(t), 'token');
    await writeFile(file, 'one');
    const running = await run(t, file, options);
    await writeFile(file, 'two');
    await until(() => running.content === 'two');
    await writeFile(`${file}.new`, 'three');
    await rename(`${file}.new`, file);
    await until(() => running.content === 'three');
  });
}

test('a mounted secret is read again when its folder is swapped', async (t) => {
  const root = await folder(t);
  for (const name of ['..1', '..2']) {
    await mkdir(path.join(root, name));
    await writeFile(path.join(root, name, 'token'), name);
  }
  await symlink('..1', path.join(root, '..data'));
  await symlink('..data/token', path.join(root, 'token'));
  const running = await run(t, path.join(root, 'token'));
  assert.equal(running.content, '..1');
  await symlink('..2', path.join(root, '..data_tmp'));
  await rename(path.join(root, '..data_tmp'), path.join(root, '..data'));
  await until(() => running.content === '..2');
});

test('a file that vanishes leaves its content, and is told once', async (t) => {
  const file = path.join(await folder(t), 'token');
  await writeFile(file, 'one');
  const running = await run(t, file, 'detector = "poll"\npoll_frequency = "10ms"');
  await unlink(file);
  await until(() => running.health.startsWith('unhealthy: cannot read '));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(running.content, 'one');
  assert.equal(running.errors.length, 1);
  await writeFile(file, 'two');
  await until(() => running.content === 'two');
  assert.equal(running.health, 'healthy: read file');
});
