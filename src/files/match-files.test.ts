import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ParseError } from '../base/parse-error.ts';
import { findFiles } from './find-files.ts';
import { compileGlob } from './glob.ts';
import { SearchCache } from './search-cache.ts';
import { matchFiles } from './match-files.ts';

/** A directory with empty files in it; the names of directories that stay empty end in a slash. */
async function directoryOf(t: TestContext, files: readonly string[]): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'match-files-'));
  t.after(() => rm(root, { recursive: true }));
  for (const file of files) {
    await mkdir(path.dirname(path.join(root, `${file}x`)), { recursive: true });
    if (!file.endsWith('/')) await writeFile(path.join(root, file), '');
  }
  return root;
}

/** The files below a directory that a pattern finds, relative to it. */
async function find(root: string, include: string, exclude = ''): Promise<string[]> {
  const pattern = { include: `${root}/${include}`, exclude: exclude === '' ? '' : `${root}/${exclude}` };
  const [files] = await matchFiles([pattern], { needsTimes: false });
  assert.ok(Array.isArray(files));
  return files.map((file) => path.relative(root, file.path));
}

test('patterns find files', async (t) => {
  const root = await directoryOf(t, ['a.txt', 'b.log', '.hidden.txt', 'sub/c.txt', 'sub/deep/d.txt', 'empty/']);
  const cases: readonly [include: string, files: readonly string[]][] = [
    ['*.txt', ['.hidden.txt', 'a.txt']],
    ['a.txt', ['a.txt']],
    ['nothing', []],
    ['sub', []],
    ['sub/**/', ['sub/c.txt', 'sub/deep/d.txt']],
    ['**/*.txt', ['.hidden.txt', 'a.txt', 'sub/c.txt', 'sub/deep/d.txt']],
    ['*/*.txt', ['sub/c.txt']],
    ['*/deep/*', ['sub/deep/d.txt']],
    ['{a,b}.*', ['a.txt', 'b.log']],
    ['{sub/c,a}.txt', ['sub/c.txt', 'a.txt']],
    ['A.TXT', []],
    ['a.txt/*', []],
    ['sub/../a.txt', ['a.txt']],
  ];
  for (const [include, files] of cases) assert.deepEqual(await find(root, include), files, include);
});

test('files that match the exclude pattern are left out', async (t) => {
  const root = await directoryOf(t, ['a.txt', 'a.bad', 'sub/b.txt', 'sub/b.bad', 'sub2/c.txt']);
  assert.deepEqual(await find(root, '**/*', '**/*.bad'), ['a.txt', 'sub/b.txt', 'sub2/c.txt']);
  assert.deepEqual(await find(root, '**/*.txt', 'sub/*.txt'), ['a.txt', 'sub2/c.txt']);
  assert.deepEqual(await find(root, '*.txt', '['), ['a.txt'], 'a malformed exclude pattern excludes nothing');
});

test('alternatives choose directories and extensions', async (t) => {
  const names = ['a.log', 'b.txt', 'c.json', 'd.yaml', 'e.log.gz', 'f.zip', 'g.bak', 'h.old'];
  const directories = ['nginx', 'apache', 'caddy', 'other'];
  const root = await directoryOf(
    t,
    directories.flatMap((directory) => names.map((name) => `${directory}/${name}`)),
  );
  const files = await find(root, '{nginx,apache,caddy}/*.{log,txt,json}', '{nginx,apache,caddy}/*.{gz,zip,bak,old}');
  const expected = ['apache', 'caddy', 'nginx'].flatMap((directory) =>
    ['a.log', 'b.txt', 'c.json'].map((name) => `${directory}/${name}`),
  );
  assert.deepEqual(files.toSorted(), expected);
});

test('relative patterns start at the current directory and give absolute paths', async () => {
  const [files] = await matchFiles([{ include: './package.jso?', exclude: 'x' }], { needsTimes: false });
  assert.deepEqual(files, [{ path: path.resolve('package.json'), modifiedAt: 0 }]);
  const [excluded] = await matchFiles([{ include: './package.jso?', exclude: '*.json' }], { needsTimes: false });
  assert.deepEqual(excluded, []);
});

test('the same pattern twice gives the same files twice', async (t) => {
  const root = await directoryOf(t, ['a.txt']);
  const pattern = { include: `${root}/*.txt`, exclude: '' };
  const results = await matchFiles([pattern, pattern], { needsTimes: false });
  assert.deepEqual(results, [[{ path: `${root}/a.txt`, modifiedAt: 0 }], [{ path: `${root}/a.txt`, modifiedAt: 0 }]]);
});

test('malformed patterns are errors that do not touch others', async (t) => {
  const root = await directoryOf(t, ['a.txt']);
  const results = await matchFiles(
    [
      { include: `${root}/[`, exclude: '' },
      { include: `${root}/a.txt`, exclude: '' },
      { include: '', exclude: '' },
    ],
    { needsTimes: false },
  );
  assert.deepEqual(results, [
    new ParseError(`malformed pattern "${root}/[": a character class has no "]"`),
    [{ path: `${root}/a.txt`, modifiedAt: 0 }],
    [],
  ]);
});

test('times are told when asked for', async (t) => {
  const root = await directoryOf(t, ['a.txt']);
  await utimes(`${root}/a.txt`, 1000, 1234);
  const [files] = await matchFiles([{ include: `${root}/*`, exclude: '' }], { needsTimes: true });
  assert.deepEqual(files, [{ path: `${root}/a.txt`, modifiedAt: 1_234_000 }]);
});

test('symbolic links are followed, and those that lead back end the search', async (t) => {
  const root = await directoryOf(t, ['real/a.txt', 'real/sub/b.txt', 'other/c.txt']);
  await symlink(`${root}/other`, `${root}/real/link`);
  await symlink(`${root}/real`, `${root}/real/sub/back`);
  await symlink(`${root}/real`, `${root}/other/back`);
  await symlink(`${root}/real/a.txt`, `${root}/real/z.txt`);
  await symlink(`${root}/nowhere`, `${root}/real/broken.txt`);
  assert.deepEqual(await find(root, 'real/**/*.txt'), [
    'real/a.txt',
    'real/link/c.txt',
    'real/sub/b.txt',
    'real/z.txt',
  ]);
  assert.deepEqual(await find(root, 'real/sub/back/*.txt'), ['real/sub/back/a.txt', 'real/sub/back/z.txt']);
});

test('only directories that can hold matches are read', async (t) => {
  const root = await directoryOf(t, ['a/x/f.log', 'b/x/f.log', 'a/y/f.log']);
  const reads: string[] = [];
  class Recording extends SearchCache {
    override list(directory: string): ReturnType<SearchCache['list']> {
      reads.push(path.relative(root, directory));
      return super.list(directory);
    }
  }
  const glob = compileGlob(`${root}/a/*/f.log`);
  assert.ok(!(glob instanceof ParseError));
  assert.deepEqual(await findFiles(glob, new Recording()), [`${root}/a/x/f.log`, `${root}/a/y/f.log`]);
  assert.deepEqual(reads, ['a']);
});
