import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DirectoryWatch } from './directory-watch.ts';

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'directory-watch-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

test('changes that are of concern are told, several at once', async (t) => {
  const root = await folder(t);
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = new DirectoryWatch({
    changed() {
      count++;
      resolve();
    },
    failed: (error) => assert.fail(String(error)),
    concerns: (name) => name === 'a',
  });
  t.after(() => watch.close());
  watch.watch(new Set([root]));
  await writeFile(path.join(root, 'b'), '');
  await writeFile(path.join(root, 'a'), '');
  await writeFile(path.join(root, 'a'), 'x');
  await promise;
  await new Promise((done) => setTimeout(done, 100));
  assert.equal(count, 1);
});

test('a directory that cannot be watched is told, and tried again at the next call', async (t) => {
  const root = await folder(t);
  const failures: unknown[] = [];
  const watch = new DirectoryWatch({
    changed: () => undefined,
    failed: (error) => failures.push(error),
    concerns: () => true,
  });
  t.after(() => watch.close());
  const directories = new Set([path.join(root, 'none'), root]);
  watch.watch(directories);
  watch.watch(directories);
  assert.equal(failures.length, 2);
});
