import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ChildProgram } from '../testkit/child-program.ts';
import { queueFolder, takeAll, type QueueFolder } from '../testkit/queue-folder.ts';
import { until } from '../testkit/until.ts';
import { headerSize } from './record-header.ts';

async function write(folder: QueueFolder, ...texts: readonly string[]): Promise<string> {
  await using queue = await folder.open();
  await Promise.all(texts.map((text) => queue.append(Buffer.from(text))));
  return lastFile(folder);
}

function lastFile(folder: QueueFolder): string {
  const names = readdirSync(folder.path).filter((name) => name.endsWith('.log'));
  return path.join(folder.path, names.toSorted().at(-1) ?? '');
}

test('cut off anywhere within the last record, all others come, and new ones after them', async () => {
  for (let cut = 1; cut <= headerSize + 4; cut++) {
    await using folder = queueFolder();
    const file = await write(folder, 'a', 'b', 'last');
    truncateSync(file, readFileSync(file).length - cut);
    await using queue = await folder.open();
    assert.equal(queue.corrupted, 0);
    await queue.append(Buffer.from('new'));
    assert.deepEqual(await takeAll(queue), ['a', 'b', 'new'], `${cut} bytes cut off`);
  }
});

test('with any byte of the last record wrong, all others come, and it is counted unless it looks cut off', async () => {
  await using folder = queueFolder();
  const file = await write(folder, 'a', 'b', 'last');
  const whole = readFileSync(file);
  const start = whole.length - headerSize - 4;
  for (let bit = 0; bit < 8 * (headerSize + 4); bit += 5) {
    const bytes = Buffer.from(whole);
    const at = start + (bit >> 3);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    await using other = queueFolder();
    mkdirSync(other.path);
    writeFileSync(path.join(other.path, '00000001.log'), bytes);
    await using queue = await other.open();
    assert.deepEqual(await takeAll(queue, 2), ['a', 'b'], `bit ${bit}`);
    const next = queue.take();
    await queue.append(Buffer.from('new'));
    assert.equal((await next)?.payload.toString(), 'new');
    const isLength = bit >= 32 && bit < 64;
    if (!isLength) assert.equal(queue.corrupted, 1, `bit ${bit}`);
  }
});

test('a damaged file in the middle costs what is damaged', async () => {
  await using folder = queueFolder();
  const files = [await write(folder, 'a', 'b'), await write(folder, 'c'), await write(folder, 'd', 'e')];
  writeFileSync(files[1] ?? '', 'nothing of it is left');
  await using queue = await folder.open();
  assert.deepEqual(await takeAll(queue), ['a', 'b', 'd', 'e']);
  assert.equal(queue.corrupted, 1);
});

test('a file that is removed, or that is a folder, is skipped', async () => {
  await using folder = queueFolder();
  const files = [await write(folder, 'a'), await write(folder, 'b'), await write(folder, 'c')];
  await using queue = await folder.open();
  rmSync(files[1] ?? '');
  assert.equal((await queue.take())?.payload.toString(), 'a');
  assert.equal((await queue.take())?.payload.toString(), 'c');
  assert.equal(queue.corrupted, 1);
  await queue.close();
  mkdirSync(path.join(folder.path, '00000009.log'));
  await using again = await folder.open();
  await again.append(Buffer.from('d'));
  assert.deepEqual(await takeAll(again), ['a', 'c', 'd']);
});

test('a disk that is full refuses records, loses none that it has, and takes them again later', async () => {
  for (const operation of ['writev', 'datasync', 'open', 'mkdir'] as const) {
    await using folder = queueFolder();
    await using queue = await folder.open();
    if (operation === 'writev' || operation === 'datasync') await queue.append(Buffer.from('a'));
    folder.fail(operation, 'ENOSPC');
    for (let attempt = 0; attempt < 3; attempt++) {
      await assert.rejects(queue.append(Buffer.from('refused')), {
        name: 'DurableQueueError',
        reason: 'storage',
        message: /^cannot write to the queue in ".*": ENOSPC/,
      });
    }
    folder.fail(operation, undefined);
    await queue.append(Buffer.from('b'));
    folder.crash();
    await using again = await folder.open();
    assert.equal(again.corrupted, 0);
    assert.deepEqual(await takeAll(again), operation === 'writev' || operation === 'datasync' ? ['a', 'b'] : ['b']);
  }
});

test('a failed write that cannot be cut off is no record later', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open();
  await queue.append(Buffer.from('a'));
  folder.fail('datasync', 'EIO');
  folder.fail('truncate', 'EIO');
  await assert.rejects(queue.append(Buffer.from('maybe')), { reason: 'storage' });
  folder.fail('datasync', undefined);
  await queue.append(Buffer.from('b'));
  folder.crash();
  await using again = await folder.open();
  const texts = await takeAll(again);
  assert.deepEqual(texts.filter((text) => text !== 'maybe'), ['a', 'b']); // prettier-ignore
  assert.deepEqual(folder.problems, ['cannot cut off a failed write']);
});

test('a folder that cannot be made or read lets it start, and append fails until it can', async () => {
  await using folder = queueFolder();
  writeFileSync(folder.path, 'a file where the folder should be');
  await using queue = await folder.open();
  await assert.rejects(queue.append(Buffer.from('a')), { reason: 'storage', message: /EEXIST|ENOTDIR/ });
  rmSync(folder.path);
  await queue.append(Buffer.from('b'));
  assert.deepEqual(await takeAll(queue), ['b']);
});

test('what is in a folder that became read-only can be read', async () => {
  await using folder = queueFolder();
  await write(folder, 'a', 'b');
  for (const operation of ['open', 'mkdir', 'rename'] as const) folder.fail(operation, 'EROFS');
  await using queue = await folder.open();
  assert.deepEqual(await takeAll(queue), ['a', 'b']);
  await assert.rejects(queue.append(Buffer.from('c')), { reason: 'storage', message: /EROFS/ });
  queue.acknowledge(1);
  await queue.close();
  assert.deepEqual(folder.problems, ['cannot write what is acknowledged']);
});

test('too many open files are waited for', async () => {
  await using folder = queueFolder();
  await write(folder, 'a');
  await using queue = await folder.open();
  folder.fail('read', 'EMFILE');
  const taken = queue.take();
  await until(() => folder.problems.includes('cannot read a record for now'));
  folder.fail('read', undefined);
  assert.equal((await taken)?.payload.toString(), 'a');
  assert.equal(queue.corrupted, 0);
});

test('a real disk that is full, where this process may mount one', async (t) => {
  const disk = mountSmallDisk();
  if (disk === undefined) return;
  t.after(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  await using folder = queueFolder(disk);
  await using queue = await folder.open();
  let count = 0;
  await assert.rejects(async () => {
    for (; count < 100; count++) await queue.append(Buffer.from(`${count}`.padEnd(20_000)));
  }, /ENOSPC|only \d+ of \d+ bytes/);
  assert.ok(count > 2);
  for (let sequence = 1; sequence <= count; sequence++) queue.acknowledge(sequence);
  await queue.append(Buffer.from('again'));
  await queue.close();
  await using reopened = await folder.open();
  assert.deepEqual(await takeAll(reopened), ['again']);
  assert.equal(reopened.corrupted, 0);
});

/** A disk of 128 KiB, where this process may mount one. */
function mountSmallDisk(): string | undefined {
  const place = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', place], { stdio: 'ignore' });
    return place;
  } catch {
    rmSync(place, { recursive: true });
    return undefined;
  }
}

test('after kill -9, everything is there that was told to be durable', async () => {
  await using folder = queueFolder();
  const script = fileURLToPath(new URL('testdata/append-until-killed.ts', import.meta.url));
  let told: string[] = [];
  for (let round = 0; round < 3; round++) {
    await using program = new ChildProgram(process.execPath, [script, folder.path, `${round}`]);
    await until(() => program.stdout.length > 20_000);
    program.signal('SIGKILL');
    const { stdout } = await program.result;
    told = [...told, ...stdout.slice(0, stdout.lastIndexOf('\n')).split('\n')];
  }
  // As if the machine had died within a write too.
  appendFileSync(lastFile(folder), readFileSync(lastFile(folder)).subarray(0, headerSize + 3));
  await using queue = await folder.open();
  const found = (await takeAll(queue)).map((text) => text.split(' ')[0] ?? '');
  const isThere = new Set(found);
  assert.deepEqual(told.filter((name) => !isThere.has(name)), []); // prettier-ignore
  assert.deepEqual(found.length, isThere.size);
});
