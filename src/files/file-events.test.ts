import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../testkit/until.ts';
import { FileEvents, type FileListener } from './file-events.ts';

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'file-events-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

class Listener implements FileListener {
  count = 0;

  changed(): void {
    this.count++;
  }
}

function open(t: TestContext, unwatchable: string[] = []): FileEvents {
  const events = new FileEvents((_directory, reason) => unwatchable.push(reason));
  t.after(() => events.close());
  return events;
}

test('each listener is told of its own file only, whatever happens to it', async (t) => {
  const root = await folder(t);
  const events = open(t);
  const [a, b] = [new Listener(), new Listener()];
  await events.listen(a, `${root}/a`);
  assert.equal(events.isWatched(a), true);
  await events.listen(b, `${root}/b`);
  assert.equal(events.isWatched(b), true);
  for (const happens of [
    () => writeFile(`${root}/a`, 'x'),
    () => rename(`${root}/a`, `${root}/c`),
    () => rename(`${root}/c`, `${root}/a`),
    () => rm(`${root}/a`),
  ]) {
    const { count } = a;
    await happens();
    await until(() => a.count > count);
  }
  assert.equal(b.count, 0);
});

test('where a symbolic link leads to counts as well, over several steps', async (t) => {
  const root = await folder(t);
  for (const name of ['links', 'middle', 'real']) await mkdir(`${root}/${name}`);
  await writeFile(`${root}/real/file`, '');
  await symlink('../real/file', `${root}/middle/link`);
  await symlink(`${root}/middle/link`, `${root}/links/link`);
  const events = open(t);
  const listener = new Listener();
  await events.listen(listener, `${root}/links/link`);
  assert.equal(events.isWatched(listener), true);
  await writeFile(`${root}/real/file`, 'x');
  await until(() => listener.count > 0);

  await writeFile(`${root}/real/other`, '');
  await symlink('../real/other', `${root}/middle/new`);
  const { count } = listener;
  await rename(`${root}/middle/new`, `${root}/middle/link`);
  await until(() => listener.count > count);
  await events.listen(listener, `${root}/links/link`);
  const before = listener.count;
  await writeFile(`${root}/real/other`, 'x');
  await until(() => listener.count > before);
});

test('a symbolic link that leads to itself does no harm', async (t) => {
  const root = await folder(t);
  await symlink('loop', `${root}/loop`);
  const events = open(t);
  const listener = new Listener();
  await events.listen(listener, `${root}/loop`);
  assert.equal(events.isWatched(listener), true);
});

test('who is forgotten is told nothing', async (t) => {
  const root = await folder(t);
  const events = open(t);
  const [gone, other] = [new Listener(), new Listener()];
  await events.listen(gone, `${root}/a`);
  await events.listen(other, `${root}/a`);
  events.forget(gone);
  await writeFile(`${root}/a`, 'x');
  await until(() => other.count > 0);
  assert.equal(gone.count, 0);
});

test('a directory that is missing is watched when it is asked for again, also after it was removed', async (t) => {
  const root = await folder(t);
  const unwatchable: string[] = [];
  const events = open(t, unwatchable);
  const listener = new Listener();
  const file = `${root}/logs/a`;
  for (let round = 0; round < 2; round++) {
    await events.listen(listener, file);
    assert.equal(events.isWatched(listener), false);
    await mkdir(`${root}/logs`);
    await events.listen(listener, file);
    assert.equal(events.isWatched(listener), true);
    const { count } = listener;
    await rm(`${root}/logs`, { recursive: true });
    await until(() => listener.count > count);
  }
  assert.deepEqual(unwatchable, []);
});

test('directories that cannot be watched, are on a network, or do not tell all are told with the reason', async (t) => {
  const root = await folder(t);
  const unwatchable: string[] = [];
  const events = open(t, unwatchable);
  const listener = new Listener();
  const watch = t.mock.method(fs, 'watch', () => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  await events.listen(listener, `${root}/a`);
  assert.equal(events.isWatched(listener), false);
  await events.listen(listener, `${root}/a`);
  assert.equal(events.isWatched(listener), false, 'it is not tried again at once');
  assert.equal(watch.mock.callCount(), 1);
  watch.mock.restore();
  const statfs = t.mock.method(fs.promises, 'statfs', () => Promise.resolve({ type: 0x6969 }) as never);
  syncBuiltinESMExports();
  await mkdir(`${root}/nfs`);
  await events.listen(listener, `${root}/nfs/a`);
  assert.equal(events.isWatched(listener), false);
  statfs.mock.restore();
  syncBuiltinESMExports();

  await mkdir(`${root}/mapped`);
  await events.listen(listener, `${root}/mapped/a`);
  assert.equal(events.isWatched(listener), true);
  const { count } = listener;
  events.missed(listener);
  assert.ok(listener.count > count);
  await events.listen(listener, `${root}/mapped/a`);
  assert.equal(events.isWatched(listener), false);
  assert.deepEqual(unwatchable, [
    'ENOSPC: System limit for number of file watchers reached',
    'it is on a network file system',
    'its file system does not tell all changes',
  ]);
});
