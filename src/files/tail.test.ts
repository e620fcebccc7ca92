import assert from 'node:assert/strict';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileOf, folder, follow } from '../testkit/follow-file.ts';
import { LineRecorder } from '../testkit/line-recorder.ts';
import { until } from '../testkit/until.ts';
import { FileEvents } from './file-events.ts';
import { LookSchedule } from './look-schedule.ts';
import { ReadGate } from './read-gate.ts';

test('lines are sent with what was delivered of them', async (t) => {
  const { receiver } = follow(t, await fileOf(t, 'hello\nworld\ntest\n'));
  assert.deepEqual(await receiver.take(3), ['hello', 'world', 'test']);
  assert.equal(receiver.delivered?.offset, 17);
});

test('reading goes on where an earlier run has stopped', async (t) => {
  const file = await fileOf(t, 'hello\nworld\ntest\n');
  for (const [offset, lines] of [
    [6, ['world', 'test']],
    [12, ['test']],
  ] as const) {
    const { receiver } = follow(t, file, { from: { offset, identity: undefined } });
    assert.deepEqual(await receiver.take(lines.length), lines);
  }
});

test('lines longer than what is read at once stay whole', async (t) => {
  const long = 'a'.repeat(700_000);
  const { receiver } = follow(t, await fileOf(t, `test\n${long}\nhello\r\n\r\nworld\n`));
  assert.deepEqual(await receiver.take(5), ['test', long, 'hello', '', 'world']);
  assert.equal(receiver.delivered?.offset, 700_021);
});

test('a line without an end waits for its end', async (t) => {
  const file = await fileOf(t, 'hello\nwo');
  const { receiver } = follow(t, file);
  assert.deepEqual(await receiver.take(1), ['hello']);
  await receiver.look();
  assert.equal(receiver.delivered?.offset, 6);
  await appendFile(file, 'rld\n');
  assert.deepEqual(await receiver.take(1), ['world']);
  assert.equal(receiver.delivered?.offset, 12);
});

test('a line that is written in many pieces comes whole', async (t) => {
  const file = await fileOf(t, '');
  const { receiver } = follow(t, file);
  const piece = 'x'.repeat(30_000);
  for (let count = 0; count < 20; count++) {
    await appendFile(file, piece);
    await pause(5);
  }
  await appendFile(file, '\nend\n');
  assert.deepEqual(await receiver.take(2), [piece.repeat(20), 'end']);
});

test('bytes pass untouched, whatever they are', async (t) => {
  const bytes = Buffer.from('\0\xff\xfe\x80 \0\n\xc3\n', 'latin1');
  const { receiver } = follow(t, await fileOf(t, bytes));
  assert.deepEqual(await receiver.take(2), ['\0\xff\xfe\x80 \0', '\xc3']);
});

test('a byte order mark at the beginning is left out', async (t) => {
  const { receiver } = follow(t, await fileOf(t, '\ufeffhello\n\ufeffworld\n'));
  assert.deepEqual(await receiver.take(2), ['hello', '\xef\xbb\xbfworld']);
});

test('lines that are too long are cut and counted, and others go on', async (t) => {
  const file = await fileOf(t, `${'a'.repeat(1_000_000)}\nshort\n${'b'.repeat(300_000)}\n`);
  const { receiver } = follow(t, file, { maxLineSize: 300_000 });
  assert.deepEqual(await receiver.take(3), ['a'.repeat(300_000), 'short', 'b'.repeat(300_000)]);
  assert.deepEqual(receiver.losses, [[700_001, 'line_too_long']]);
  assert.equal(receiver.delivered?.offset, 1_300_008);
  await appendFile(file, 'next\n');
  assert.deepEqual(await receiver.take(1), ['next']);
});

test('a line that never ends takes no memory, and comes cut when the file is rotated away', async (t) => {
  const file = await fileOf(t, 'c'.repeat(2_000_000));
  const { receiver } = follow(t, file, { maxLineSize: 100_000 });
  await receiver.look();
  assert.deepEqual(receiver.lines, []);
  await rename(file, `${file}.1`);
  assert.deepEqual(await receiver.take(1), ['c'.repeat(100_000)]);
  assert.deepEqual(receiver.losses, [[1_900_000, 'line_too_long']]);
});

test('each line has a time of its own, and times grow', async (t) => {
  const file = await fileOf(t, 'a\n'.repeat(3));
  const { receiver } = follow(t, file);
  for (let count = 0; count < 5; count++) {
    await receiver.take(1);
    await appendFile(file, 'b\nc\n');
  }
  await receiver.take(1);
  let last = 0n;
  for (const { time, starts } of receiver.batches) {
    const first = BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
    assert.ok(first > last, 'the first line of a batch is later than the last one of the batch before');
    last = first + BigInt(starts.length) - 1n;
  }
});

test('a few lines do not keep a large buffer alive', async (t) => {
  const { receiver } = follow(t, await fileOf(t, `short\n${'x'.repeat(200_000)}`));
  await receiver.take(1);
  assert.ok((receiver.batches[0]?.bytes.buffer.byteLength ?? 0) < 100);
});

test('starting at the end leaves out the lines that are there, but not the one without an end', async (t) => {
  for (const [content, offset] of [
    ['', 0],
    ['line1', 0],
    ['line1\n', 6],
    ['line1\nline2', 6],
    ['line1\nline2\nline3\n', 18],
    [`line1\n${'x'.repeat(600_000)}`, 6],
  ] as const) {
    const file = await fileOf(t, content);
    const { receiver, stop } = follow(t, file, { startsAtEnd: true });
    await receiver.look();
    await appendFile(file, '!\n');
    assert.deepEqual(await receiver.take(1), [`${content.slice(offset)}!`]);
    await stop();
  }
});

test('starting at the end does not count if an earlier run has read some of the file', async (t) => {
  const file = await fileOf(t, 'line1\nline2\nline3\n');
  const { receiver } = follow(t, file, { startsAtEnd: true, from: { offset: 6, identity: undefined } });
  assert.deepEqual(await receiver.take(2), ['line2', 'line3']);
});

test('starting at the end leaves out nothing of a file that appears later', async (t) => {
  const file = path.join(await folder(t), 'app.log');
  const { receiver } = follow(t, file, { startsAtEnd: true });
  await until(() => receiver.problems.length > 0);
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
});
test('a missing file is told, and read when it appears', async (t) => {
  const file = path.join(await folder(t), 'app.log');
  const { receiver } = follow(t, file);
  await until(() => receiver.problems.length > 0);
  assert.equal(receiver.problems[0]?.reason, 'missing');
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
  assert.equal(receiver.problems.at(-1), undefined);
});

test('what is not a regular file is told, and read when it is one', async (t) => {
  const file = path.join(await folder(t), 'app.log');
  await mkdir(file);
  const { receiver } = follow(t, file);
  await until(() => receiver.problems.length > 0);
  assert.equal(receiver.problems[0]?.reason, 'not_a_file');
  await rm(file, { recursive: true });
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
});

test('stopping while a file is missing, idle or not taken ends promptly', async (t) => {
  const root = await folder(t);
  await follow(t, `${root}/missing`, { minPollTime: 3_600_000, maxPollTime: 3_600_000 }).stop();
  const idle = follow(t, await fileOf(t, 'line1\n'), { minPollTime: 3_600_000, maxPollTime: 3_600_000 });
  await idle.receiver.take(1);
  await idle.stop();
  const receiver = new LineRecorder();
  receiver.taken = new Promise(() => undefined);
  receiver.mode = 'hold';
  const stuck = follow(t, await fileOf(t, 'line1\n'), {}, receiver);
  await receiver.take(1);
  await stuck.stop();
  assert.equal(receiver.delivered?.offset, 0);
  receiver.held[0]?.('settled');
  assert.equal(receiver.delivered?.offset, 6, 'the answer may come after the end');
});
test('many files are read at once', async (t) => {
  const root = await folder(t);
  const schedule = new LookSchedule();
  const gate = new ReadGate(4);
  const files = Array.from({ length: 200 }, (_, index) => path.join(root, `${index}.log`));
  await Promise.all(files.map((file) => writeFile(file, `${file}\n`.repeat(1000))));
  const tails = files.map((file) => follow(t, file, { schedule, gate }));
  for (const [index, { receiver }] of tails.entries()) {
    const file = files[index] ?? '';
    assert.deepEqual(
      await receiver.take(1000),
      Array.from({ length: 1000 }, () => file),
    );
    await appendFile(file, 'end\n');
  }
  for (const { receiver } of tails) assert.deepEqual(await receiver.take(1), ['end']);
});

test('files whose changes are not told are polled, through rotation as well', async (t) => {
  const events = new FileEvents(() => undefined);
  events.close();
  const file = await fileOf(t, 'one\n');
  const { receiver, tail } = follow(t, file, { events });
  assert.deepEqual(await receiver.take(1), ['one']);
  assert.equal(tail.isWatched, false);
  await appendFile(file, 'two\n');
  assert.deepEqual(await receiver.take(1), ['two']);
  await rename(file, `${file}.1`);
  await writeFile(file, 'three\n');
  assert.deepEqual(await receiver.take(1), ['three']);
});

test('changes are noticed without polling where the file system tells them', async (t) => {
  const file = await fileOf(t, 'one\n');
  const { receiver, tail } = follow(t, file);
  await receiver.take(1);
  const look = tail.look.bind(tail);
  const { mock } = t.mock.method(tail, 'look', async () => {
    await look();
    return 3_600_000;
  });
  await until(() => mock.callCount() > 0);
  for (const line of ['two', 'three', 'four']) {
    await appendFile(file, `${line}\n`);
    assert.deepEqual(await receiver.take(1), [line]);
  }
});
