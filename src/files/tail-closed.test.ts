import assert from 'node:assert/strict';
import {
  appendFile,
  copyFile,
  open,
  readdir,
  readlink,
  rename,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileOf, folder, follow, type Following } from '../testkit/follow-file.ts';
import { until } from '../testkit/until.ts';
import { HandlePool } from './file-handles.ts';

/*
 * What rotation does to files that are not open, since nothing has happened to them for a while and others are.
 */

const longLine = 'a line that is long enough to tell this file from all others, whatever they hold';

/** Follows a file whose only line was read and which was closed then. */
async function followClosed(t: TestContext, file: string): Promise<Following> {
  await writeFile(file, `${longLine}\n`);
  const following = follow(t, file, { handles: new HandlePool(0) });
  await following.receiver.take(1);
  await untilClosed(path.dirname(file));
  return following;
}

/** Waits until no file of a folder is open. */
async function untilClosed(root: string): Promise<void> {
  await until(async () => {
    const handles = await readdir('/proc/self/fd');
    const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return !targets.some((target) => target.startsWith(`${root}/`));
  });
}

test('a closed file is opened again when it grows', async (t) => {
  const file = `${await folder(t)}/app.log`;
  const { receiver } = await followClosed(t, file);
  for (const line of ['next', 'and one more']) {
    await appendFile(file, `${line}\n`);
    assert.deepEqual(await receiver.take(1), [line]);
    await untilClosed(path.dirname(file));
  }
});

test('nothing is lost by rotation of a closed file as long as it is there under any name', async (t) => {
  const cases: readonly {
    readonly name: string;
    readonly happens: (file: string) => Promise<void>;
    readonly lines: readonly string[];
  }[] = [
    {
      name: 'renamed and replaced',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.1`);
        await writeFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'renamed, replaced and written to late',
      async happens(file) {
        const writer = await open(file, 'a');
        await rename(file, `${file}.1`);
        await writeFile(file, 'new\n');
        await new Promise((resolve) => setTimeout(resolve, 50));
        await writer.write('late\n');
        await writer.close();
      },
      lines: ['new', 'late'],
    },
    {
      name: 'renamed without a successor',
      async happens(file) {
        await rename(file, `${file}-20240101`);
        await appendFile(`${file}-20240101`, 'rest\n');
      },
      lines: ['rest'],
    },
    {
      name: 'copied and cut off',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await copyFile(file, `${file}.1`);
        await truncate(file);
        await appendFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'written anew by an editor',
      async happens(file) {
        await writeFile(`${file}.new`, `${longLine}\nmore\n`);
        await rename(`${file}.new`, file);
      },
      lines: ['more'],
    },
    {
      name: 'deleted and created anew, perhaps with the same inode',
      async happens(file) {
        await unlink(file);
        await writeFile(file, `${'x'.repeat(500)}\nnew\n`);
      },
      lines: ['x'.repeat(500), 'new'],
    },
  ];
  for (const { name, happens, lines } of cases) {
    const file = `${await folder(t)}/app.log`;
    const { receiver, stop } = await followClosed(t, file);
    await happens(file);
    assert.deepEqual((await receiver.take(lines.length)).toSorted(), [...lines].toSorted(), name);
    assert.deepEqual(receiver.losses, [], name);
    await stop();
  }
});

test('a closed file is found where a symbolic link has led to', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/one`, `${longLine}\n`);
  await writeFile(`${root}/two`, 'two1\n');
  await symlink(`${root}/one`, `${root}/link`);
  const { receiver } = follow(t, `${root}/link`, { handles: new HandlePool(0) });
  await receiver.take(1);
  await untilClosed(root);
  await appendFile(`${root}/one`, 'one2\n');
  await symlink(`${root}/two`, `${root}/link.new`);
  await rename(`${root}/link.new`, `${root}/link`);
  assert.deepEqual(await receiver.take(2), ['one2', 'two1']);
});

test('what is known to be lost since a closed file was deleted is counted', async (t) => {
  const file = await fileOf(t, 'line1\n');
  const { receiver } = follow(t, file, { handles: new HandlePool(0) });
  await receiver.take(1);
  await appendFile(file, 'without an end');
  await until(() => receiver.size === 20);
  await receiver.look();
  await untilClosed(path.dirname(file));
  await unlink(file);
  await until(() => receiver.losses.length > 0);
  assert.deepEqual(receiver.losses, [[14, 'file_deleted']]);
  await writeFile(file, 'new\n');
  assert.deepEqual(await receiver.take(1), ['new']);
});

test('no more files stay open than there should be, and all are followed', async (t) => {
  const root = await folder(t);
  const counts: number[] = [];
  const handles = new HandlePool(5, (count) => counts.push(count));
  const files = Array.from({ length: 50 }, (_, index) => `${root}/${index}.log`);
  await Promise.all(files.map((file) => writeFile(file, 'one\n')));
  const followings = files.map((file) => follow(t, file, { handles }));
  for (const { receiver } of followings) assert.deepEqual(await receiver.take(1), ['one']);
  await until(() => counts.at(-1) === 5);
  await Promise.all(files.map((file) => appendFile(file, 'two\n')));
  for (const { receiver } of followings) assert.deepEqual(await receiver.take(1), ['two']);
  await until(() => counts.at(-1) === 5);
});
