import assert from 'node:assert/strict';
import { appendFile, copyFile, open, rename, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileOf, folder, follow } from '../testkit/follow-file.ts';
import { LineRecorder } from '../testkit/line-recorder.ts';
import { until } from '../testkit/until.ts';

test('a file that was renamed is read to its end, late writes included, before and beside the new one', async (t) => {
  const file = await fileOf(t, 'line1\n');
  const { receiver } = follow(t, file);
  await receiver.take(1);
  const writer = await open(file, 'a');
  t.after(() => writer.close());
  await writer.write('line2\n');
  await rename(file, `${file}.1`);
  await writer.write('line3\n');
  await writeFile(file, 'new1\n');
  assert.deepEqual(await receiver.take(3), ['line2', 'line3', 'new1']);
  await writer.write('late\n');
  assert.deepEqual(await receiver.take(1), ['late']);
  await appendFile(file, 'new2\n');
  assert.deepEqual(await receiver.take(1), ['new2']);
  assert.equal(receiver.delivered?.offset, 10);
});

test('as long as nothing has the name of a renamed file, it is followed', async (t) => {
  const file = await fileOf(t, 'line1\n');
  const { receiver } = follow(t, file, { lateWriteTime: 10 });
  await receiver.take(1);
  await rename(file, `${file}.1`);
  await pause(100);
  await appendFile(`${file}.1`, 'line2\n');
  assert.deepEqual(await receiver.take(1), ['line2']);
});

test('the line without an end of a file that was deleted comes before the lines of the new one', async (t) => {
  const file = await fileOf(t, 'line1\nline2\nline3\nline4\npartial');
  const { receiver } = follow(t, file);
  await receiver.take(4);
  await unlink(file);
  await writeFile(file, 'newline1\nnewline2\n');
  assert.deepEqual(await receiver.take(3), ['partial', 'newline1', 'newline2']);
  assert.equal(receiver.delivered?.offset, 18);
});

test('a line that is cut in two by rotation is put together', async (t) => {
  const file = await fileOf(t, 'line1\nli');
  const { receiver } = follow(t, file, { unfinishedLineTime: 5000 });
  await receiver.take(1);
  const writer = await open(file, 'a');
  t.after(() => writer.close());
  await rename(file, `${file}.1`);
  await writeFile(file, 'new1\n');
  await until(() => receiver.size === 5);
  await writer.write('ne2\n');
  assert.deepEqual(await receiver.take(2), ['line2', 'new1']);
});

test('lines that were not read when the file was deleted still come', async (t) => {
  const receiver = new LineRecorder();
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.taken = promise;
  const file = await fileOf(t, 'line1\n');
  follow(t, file, {}, receiver);
  await receiver.take(1);
  await appendFile(file, 'line2\nline3\n');
  await receiver.look();
  await unlink(file);
  await pause(30);
  resolve();
  assert.deepEqual(await receiver.take(2), ['line2', 'line3']);
});

test('several files that were rotated away while nothing was taken all come in their order', async (t) => {
  const receiver = new LineRecorder();
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.taken = promise;
  const file = await fileOf(t, 'a1\n');
  follow(t, file, {}, receiver);
  await receiver.take(1);
  for (const name of ['b', 'c', 'd']) {
    await appendFile(file, `${name}0\n`);
    await rename(file, `${file}.${name}`);
    await writeFile(file, `${name}1\n`);
    await receiver.look();
  }
  for (const name of ['b', 'c', 'd']) await unlink(`${file}.${name}`);
  receiver.taken = undefined;
  resolve();
  assert.deepEqual(await receiver.take(6), ['b0', 'b1', 'c0', 'c1', 'd0', 'd1']);
});

test('a file that an editor has written anew goes on where the old one was', async (t) => {
  const lines = 'line1\nline2\nline3\nline4\n';
  const file = await fileOf(t, `${lines}par`);
  const { receiver } = follow(t, file);
  await receiver.take(4);
  await writeFile(`${file}.new`, `${lines}partial\nnewline1\n`);
  await rename(`${file}.new`, file);
  assert.deepEqual(await receiver.take(2), ['partial', 'newline1']);
  assert.equal(receiver.delivered?.offset, 41);
});

test('a file that was replaced by another begins at its beginning', async (t) => {
  const file = await fileOf(t, 'line1\nline2\nline3\nline4\n');
  const { receiver } = follow(t, file);
  await receiver.take(4);
  await writeFile(`${file}.new`, `newline1\n${'x'.repeat(100)}\n`);
  await rename(`${file}.new`, file);
  assert.deepEqual(await receiver.take(2), ['newline1', 'x'.repeat(100)]);
});

test('a new file with the same long header as the old one begins at its beginning', async (t) => {
  const header = `${'#'.repeat(80)}\n`.repeat(20);
  const file = await fileOf(t, `${header}old1\nold2\n`);
  const { receiver } = follow(t, file);
  await receiver.take(22);
  await rename(file, `${file}.1`);
  await writeFile(file, `${header}new1\nnew2\nnew3\n`);
  assert.deepEqual((await receiver.take(23)).slice(20), ['new1', 'new2', 'new3']);
});

test('a file that was cut off begins at its beginning', async (t) => {
  const file = await fileOf(t, 'hello\nworld, this is a file\nof 43 bytes....\n');
  const { receiver } = follow(t, file);
  await receiver.take(3);
  await truncate(file);
  await until(() => receiver.size === 0);
  await appendFile(file, 'h311o\nw0r1d\nendofworld\n');
  assert.deepEqual(await receiver.take(3), ['h311o', 'w0r1d', 'endofworld']);
  assert.equal(receiver.delivered?.offset, 23);
});

test('a file that was cut off and has grown beyond its old size between two looks begins at its beginning', async (t) => {
  const header = `${'#'.repeat(80)}\n`.repeat(20);
  const file = await fileOf(t, `${header}old1\nold2\n`);
  const { receiver } = follow(t, file, { minPollTime: 100, maxPollTime: 100 });
  await receiver.take(22);
  await writeFile(file, `${header}new1\nnew2\nnew3\n`);
  assert.deepEqual((await receiver.take(23)).slice(20), ['new1', 'new2', 'new3']);
});

test('a file that was overwritten with as many bytes begins at its beginning', async (t) => {
  const file = await fileOf(t, 'one\ntwo\n');
  const { receiver } = follow(t, file);
  await receiver.take(2);
  await pause(20);
  await writeFile(file, 'six\nten\n');
  assert.deepEqual(await receiver.take(2), ['six', 'ten']);
});

test('lines that a file was relieved of before they were read come from the copy', async (t) => {
  const receiver = new LineRecorder();
  const file = await fileOf(t, 'a line that is long enough to tell this file from all others\n'.repeat(3));
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.taken = promise;
  follow(t, file, {}, receiver);
  await receiver.take(3);
  await appendFile(file, 'unread1\nunread2\n');
  await copyFile(file, `${file}.1`);
  await truncate(file);
  await until(() => receiver.size === 0);
  await appendFile(file, 'new1\n');
  resolve();
  assert.deepEqual(await receiver.take(3), ['unread1', 'unread2', 'new1']);
});

test('a symbolic link that is turned to another file counts as rotation', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/one`, 'one1\n');
  await writeFile(`${root}/two`, 'two1\n');
  await symlink(`${root}/one`, `${root}/link`);
  const { receiver } = follow(t, `${root}/link`);
  await receiver.take(1);
  await appendFile(`${root}/one`, 'one2\n');
  await symlink(`${root}/two`, `${root}/link.new`);
  await rename(`${root}/link.new`, `${root}/link`);
  assert.deepEqual(await receiver.take(2), ['one2', 'two1']);
});

test('a symbolic link that is turned back goes on where it was', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/one`, 'one1\n');
  await writeFile(`${root}/two`, 'two1\n');
  await symlink(`${root}/one`, `${root}/link`);
  const { receiver } = follow(t, `${root}/link`, { lateWriteTime: 60_000 });
  await receiver.take(1);
  for (const [target, line] of [
    ['two', 'two1'],
    ['one', 'one2'],
    ['two', 'two2'],
  ] as const) {
    await symlink(`${root}/${target}`, `${root}/link.new`);
    await rename(`${root}/link.new`, `${root}/link`);
    if (line !== 'two1') {
      await receiver.look();
      await appendFile(`${root}/${target}`, `${line}\n`);
    }
    assert.deepEqual(await receiver.take(1), [line]);
  }
  await receiver.look();
  assert.deepEqual(receiver.lines, []);
});

test('a file that vanishes and comes back goes on where it was', async (t) => {
  const file = await fileOf(t, 'line1\n');
  const { receiver } = follow(t, file);
  await receiver.take(1);
  await rename(file, `${path.dirname(file)}/elsewhere`);
  await pause(50);
  await appendFile(`${path.dirname(file)}/elsewhere`, 'line2\n');
  await rename(`${path.dirname(file)}/elsewhere`, file);
  await appendFile(file, 'line3\n');
  assert.deepEqual(await receiver.take(2), ['line2', 'line3']);
  await receiver.look();
  assert.deepEqual(receiver.lines, []);
});

test('bytes that are cut off before they were read, and are nowhere else, are counted', async (t) => {
  const receiver = new LineRecorder();
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.taken = promise;
  const file = await fileOf(t, 'line1\n');
  follow(t, file, {}, receiver);
  await receiver.take(1);
  await appendFile(file, 'line2\nline3\n');
  await until(() => receiver.size === 18);
  await truncate(file);
  await until(() => receiver.losses.length > 0);
  resolve();
  assert.deepEqual(receiver.losses, [[12, 'file_truncated']]);
});

test('only so many files that were rotated away wait to be read, and the rest is told', async (t) => {
  const receiver = new LineRecorder();
  const { promise, resolve } = Promise.withResolvers<void>();
  receiver.taken = promise;
  const file = await fileOf(t, 'first\n');
  follow(t, file, {}, receiver);
  await receiver.take(1);
  const expected: string[] = [];
  while (receiver.problems.length === 0) {
    await rename(file, `${file}.${expected.length}`);
    expected.push(`file ${expected.length}`);
    await writeFile(file, `${expected.at(-1)}\n`);
    const { looks } = receiver;
    await until(() => receiver.looks > looks + 1 || receiver.problems.length > 0);
  }
  assert.equal(receiver.problems[0]?.reason, 'backlog');
  assert.ok(expected.length > 10);
  receiver.taken = undefined;
  resolve();
  assert.deepEqual(await receiver.take(expected.length), expected);
  await until(() => receiver.problems.at(-1) === undefined);
});
