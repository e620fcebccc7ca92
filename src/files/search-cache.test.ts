import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { folder } from '../testkit/follow-file.ts';
import { matchFiles, type MatchOptions } from './match-files.ts';
import { SearchCache } from './search-cache.ts';

/** A folder with files, whose folders were not changed lately. */
async function settledFolder(t: TestContext, ...files: readonly string[]): Promise<string> {
  const root = await folder(t);
  const folders = new Set([root]);
  for (const file of files) {
    const directory = path.dirname(path.join(root, file));
    await mkdir(directory, { recursive: true });
    folders.add(directory);
    await writeFile(path.join(root, file), '');
  }
  for (const directory of folders) await utimes(directory, 1000, 1000);
  return root;
}

/** The names of the files that match, below a folder. */
async function search(root: string, cache: SearchCache, options: Partial<MatchOptions> = {}): Promise<string[]> {
  const patterns = [{ include: `${root}/**/*.log`, exclude: '' }];
  const [found = []] = await matchFiles(patterns, { needsTimes: false, cache, ...options });
  assert.ok(Array.isArray(found));
  return found.map((file: { path: string }) => path.relative(root, file.path));
}

/** Counts the calls of a function of the file system while a job runs. */
async function callsOf(t: TestContext, name: 'readdir' | 'stat', job: () => Promise<unknown>): Promise<number> {
  const { mock } = t.mock.method(fs.promises, name);
  syncBuiltinESMExports();
  try {
    await job();
    return mock.callCount();
  } finally {
    mock.restore();
    syncBuiltinESMExports();
  }
}

test('directories that have not changed are not read again, and those that have are', async (t) => {
  const root = await settledFolder(t, 'a/1.log', 'b/2.log');
  const cache = new SearchCache();
  assert.equal(await callsOf(t, 'readdir', () => search(root, cache)), 3);
  assert.equal(await callsOf(t, 'readdir', () => search(root, cache)), 0);
  await writeFile(`${root}/a/3.log`, '');
  assert.equal(await callsOf(t, 'readdir', () => search(root, cache)), 1);
  assert.deepEqual(await search(root, cache), ['a/1.log', 'a/3.log', 'b/2.log']);
  await rm(`${root}/b`, { recursive: true });
  assert.deepEqual(await search(root, cache), ['a/1.log', 'a/3.log']);
});

test('a directory that was changed just before it was read is read again', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/1.log`, '');
  const cache = new SearchCache();
  await search(root, cache);
  assert.equal(await callsOf(t, 'readdir', () => search(root, cache)), 1);
});

test('a directory that was replaced by another is read again', async (t) => {
  const root = await settledFolder(t, 'a/1.log', 'x/2.log');
  const cache = new SearchCache();
  await search(root, cache);
  await rename(`${root}/a`, `${root}/old`);
  await rename(`${root}/x`, `${root}/a`);
  await rm(`${root}/old`, { recursive: true });
  assert.deepEqual(await search(root, cache), ['a/2.log']);
});

test('files are looked up again only if their age may matter', async (t) => {
  const root = await settledFolder(t, ...Array.from({ length: 50 }, (_, index) => `${index}.log`));
  const cache = new SearchCache();
  const oldest = Date.now() - 3_600_000;
  const look = () => search(root, cache, { needsTimes: true, oldest });
  const first = await callsOf(t, 'stat', look);
  const second = await callsOf(t, 'stat', look);
  assert.ok(first - second >= 50, `${first} and ${second}`);
  await writeFile(`${root}/new.log`, '');
  assert.equal((await look()).length, 51);
});

test('where symbolic links lead is looked up once in a while, and at once if it was nowhere', async (t) => {
  const root = await settledFolder(t, 'real/1.txt');
  await symlink('real/1.txt', `${root}/1.log`);
  await symlink('real/2.txt', `${root}/2.log`);
  const cache = new SearchCache();
  const first = await callsOf(t, 'stat', () => search(root, cache));
  assert.deepEqual(await search(root, cache), ['1.log']);
  await writeFile(`${root}/real/2.txt`, '');
  assert.deepEqual(await search(root, cache), ['1.log', '2.log']);
  assert.equal(await callsOf(t, 'stat', () => search(root, cache)), first - 2);
});

test('a file that is named without wildcards is looked up each time', async (t) => {
  const root = await settledFolder(t, '1.log');
  const cache = new SearchCache();
  const patterns = [{ include: `${root}/1.log`, exclude: '' }];
  const find = () => matchFiles(patterns, { needsTimes: false, cache });
  assert.deepEqual(await find(), [[{ path: `${root}/1.log`, modifiedAt: 0 }]]);
  await rm(`${root}/1.log`);
  assert.deepEqual(await find(), [[]]);
});
