import assert from 'node:assert/strict';
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Checkpoint } from './checkpoint.ts';
import type { FileProblem } from './file-problem.ts';
import { PollSchedule } from './poll-schedule.ts';
import { ReadGate } from './read-gate.ts';
import { Tail, type LineReceiver, type Outcome, type SentLines, type TailOptions } from './tail.ts';

/** What happens to lines that are sent: settled at once, or kept until the test decides. */
type Mode = 'settle' | 'hold' | 'fail';

class Receiver implements LineReceiver {
  readonly lines: string[] = [];
  readonly batches: SentLines[] = [];
  readonly problems: (FileProblem | undefined)[] = [];
  readonly losses: [number, string][] = [];
  readonly held: ((outcome: Outcome) => void)[] = [];
  delivered: Checkpoint | undefined;
  /** The size of the current file when it was looked at last. */
  size = -1;
  looks = 0;
  mode: Mode = 'settle';
  /** Takes the next lines only when this has resolved. */
  taken: Promise<void> | undefined;

  send(lines: SentLines, settle: (outcome: Outcome) => void): Promise<void> | void {
    this.batches.push(lines);
    this.lines.push(...textsOf(lines));
    if (this.mode === 'settle') settle('settled');
    else if (this.mode === 'hold') this.held.push(settle);
    else settle({ retryAfter: 5 });
    return this.taken;
  }

  begins(delivered: Checkpoint): Promise<void> {
    this.moved(delivered);
    return Promise.resolve();
  }

  moved(delivered: Checkpoint): void {
    this.delivered = delivered;
  }

  progressed(_offset: number, size: number): void {
    this.size = size;
    this.looks++;
  }

  failed(problem: FileProblem | undefined): void {
    this.problems.push(problem);
  }

  dropped(bytes: number, reason: string): void {
    this.losses.push([bytes, reason]);
  }

  /** Waits until the current file was looked at anew. */
  async look(): Promise<void> {
    const end = this.looks + 2;
    await until(() => this.looks >= end);
  }

  /** Waits until so many lines have come, and gives them. */
  async take(count: number): Promise<string[]> {
    await until(() => this.lines.length >= count);
    return this.lines.splice(0);
  }
}

function textsOf(lines: SentLines): string[] {
  return Array.from(lines.starts, (start, index) => lines.bytes.toString('latin1', start, lines.ends[index]));
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isDone()) {
    assert.ok(Date.now() < end, 'it takes too long');
    await pause(2);
  }
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

interface Following {
  readonly tail: Tail;
  readonly receiver: Receiver;
  readonly stop: () => Promise<void>;
}

/** Follows a file until the test is over. */
function follow(
  t: TestContext,
  file: string,
  options: Partial<TailOptions> = {},
  receiver = new Receiver(),
): Following {
  const watch = new PollSchedule();
  const tail = new Tail(
    {
      path: file,
      from: undefined,
      startsAtEnd: false,
      minPollTime: 10,
      maxPollTime: 10,
      watch,
      gate: new ReadGate(4),
      unfinishedLineTime: 30,
      lateWriteTime: 100,
      ...options,
    },
    receiver,
  );
  const running = tail.run();
  const stop = async (): Promise<void> => {
    tail.stop();
    await running;
    watch.close();
  };
  t.after(stop);
  return { tail, receiver, stop };
}

async function directory(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'tail-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

/** A file with content in a directory of its own. */
async function fileOf(t: TestContext, content: string | Buffer): Promise<string> {
  const file = path.join(await directory(t), 'app.log');
  await writeFile(file, content);
  return file;
}

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
  const file = path.join(await directory(t), 'app.log');
  const { receiver } = follow(t, file, { startsAtEnd: true });
  await until(() => receiver.problems.length > 0);
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
});

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
  const receiver = new Receiver();
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
  const receiver = new Receiver();
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
  const receiver = new Receiver();
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
  const root = await directory(t);
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
  const root = await directory(t);
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
  const receiver = new Receiver();
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
  const receiver = new Receiver();
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

test('a missing file is told, and read when it appears', async (t) => {
  const file = path.join(await directory(t), 'app.log');
  const { receiver } = follow(t, file);
  await until(() => receiver.problems.length > 0);
  assert.equal(receiver.problems[0]?.reason, 'missing');
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
  assert.equal(receiver.problems.at(-1), undefined);
});

test('what is not a regular file is told, and read when it is one', async (t) => {
  const file = path.join(await directory(t), 'app.log');
  await mkdir(file);
  const { receiver } = follow(t, file);
  await until(() => receiver.problems.length > 0);
  assert.equal(receiver.problems[0]?.reason, 'not_a_file');
  await rm(file, { recursive: true });
  await writeFile(file, 'line1\n');
  assert.deepEqual(await receiver.take(1), ['line1']);
});

test('stopping while a file is missing, idle or not taken ends promptly', async (t) => {
  const root = await directory(t);
  await follow(t, `${root}/missing`, { minPollTime: 3_600_000, maxPollTime: 3_600_000 }).stop();
  const idle = follow(t, await fileOf(t, 'line1\n'), { minPollTime: 3_600_000, maxPollTime: 3_600_000 });
  await idle.receiver.take(1);
  await idle.stop();
  const receiver = new Receiver();
  receiver.taken = new Promise(() => undefined);
  receiver.mode = 'hold';
  const stuck = follow(t, await fileOf(t, 'line1\n'), {}, receiver);
  await receiver.take(1);
  await stuck.stop();
  assert.equal(receiver.delivered?.offset, 0);
  receiver.held[0]?.('settled');
  assert.equal(receiver.delivered?.offset, 6, 'the answer may come after the end');
});

test('the first line is sent only when it is recorded which file it is from', async (t) => {
  const receiver = new Receiver();
  const { promise: recorded, resolve } = Promise.withResolvers<void>();
  const recording = t.mock.method(receiver, 'begins', () => recorded);
  follow(t, await fileOf(t, 'line1\n'), {}, receiver);
  await until(() => recording.mock.callCount() === 1);
  await receiver.look();
  assert.deepEqual(receiver.lines, []);
  resolve();
  assert.deepEqual(await receiver.take(1), ['line1']);
});

test('what is delivered moves only with answers, in the order of the file', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'hold';
  const file = await fileOf(t, 'a1\n');
  const { tail } = follow(t, file, {}, receiver);
  for (const name of ['b1', 'c1']) {
    await receiver.take(1);
    await appendFile(file, `${name}\n`);
  }
  await receiver.take(1);
  const [a, b, c] = receiver.held;
  c?.('settled');
  assert.equal(tail.delivered?.offset, 0);
  a?.('settled');
  assert.equal(tail.delivered?.offset, 3);
  b?.('settled');
  assert.equal(tail.delivered?.offset, 9);
});

test('lines that could not be delivered are sent again with the same times, and nothing is skipped', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'fail';
  const file = await fileOf(t, 'a1\na2\n');
  follow(t, file, {}, receiver);
  await until(() => receiver.batches.length >= 3);
  await appendFile(file, 'b1\n');
  await receiver.look();
  assert.equal(receiver.delivered?.offset, 0);
  receiver.mode = 'settle';
  await until(() => receiver.delivered?.offset === 9);
  const [first, ...others] = receiver.batches;
  const last = others.pop();
  for (const batch of others) {
    assert.deepEqual(textsOf(batch), ['a1', 'a2']);
    assert.deepEqual(batch.time, first?.time);
    assert.equal(batch.isRepeated, true);
  }
  assert.equal(first?.isRepeated, false);
  assert.deepEqual(last && textsOf(last), ['b1']);
});

test('a batch that fails later is sent again alone, before new lines', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'hold';
  const file = await fileOf(t, 'a1\n');
  const { tail } = follow(t, file, {}, receiver);
  await receiver.take(1);
  await appendFile(file, 'b1\n');
  await receiver.take(1);
  receiver.mode = 'settle';
  const [a, b] = receiver.held;
  b?.('settled');
  a?.({ retryAfter: 20 });
  await appendFile(file, 'c1\n');
  assert.deepEqual(await receiver.take(2), ['a1', 'c1']);
  assert.equal(tail.delivered?.offset, 9);
});

test('a batch of a file that was rotated away and deleted can be sent again', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'hold';
  const file = await fileOf(t, 'a1\n');
  const { tail } = follow(t, file, { lateWriteTime: 0 }, receiver);
  await receiver.take(1);
  await rename(file, `${file}.1`);
  await unlink(`${file}.1`);
  await writeFile(file, 'new1\n');
  await receiver.take(1);
  const [a, b] = receiver.held;
  b?.('settled');
  await receiver.look();
  assert.equal(tail.delivered?.offset, 0, 'it stands at the beginning of the old file');
  receiver.mode = 'settle';
  a?.({ retryAfter: undefined });
  assert.deepEqual(await receiver.take(1), ['a1']);
  await until(() => tail.delivered?.offset === 5);
});

test('a batch that is lost since the file was cut off is counted', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'hold';
  const file = await fileOf(t, 'a1\n');
  const { tail } = follow(t, file, {}, receiver);
  await receiver.take(1);
  receiver.mode = 'settle';
  await writeFile(file, 'x\n');
  await receiver.take(1);
  receiver.held[0]?.({ retryAfter: undefined });
  await until(() => receiver.losses.length > 0);
  assert.deepEqual(receiver.losses, [[3, 'file_truncated']]);
  await until(() => tail.delivered?.offset === 2);
});

test('a batch that failed is read again from the copy of a file that was cut off', async (t) => {
  const receiver = new Receiver();
  receiver.mode = 'hold';
  const line = 'a line that is long enough to tell this file from all others, whatever they hold';
  const file = await fileOf(t, `${line}\n`);
  follow(t, file, {}, receiver);
  await receiver.take(1);
  receiver.mode = 'settle';
  await copyFile(file, `${file}.1`);
  await truncate(file);
  await until(() => receiver.size === 0);
  await appendFile(file, 'new1\n');
  await receiver.take(1);
  receiver.held[0]?.({ retryAfter: undefined });
  assert.deepEqual(await receiver.take(1), [line]);
  assert.deepEqual(receiver.losses, []);
});

/** Reads a file to its end as an earlier run, and gives where it stopped. */
async function earlierRun(t: TestContext, file: string, lines: number): Promise<Checkpoint | undefined> {
  const { tail, receiver, stop } = follow(t, file);
  await receiver.take(lines);
  await stop();
  return tail.delivered;
}

const longLine = 'a line that is long enough to tell this file from all others, whatever they hold\n';

test('a later run goes on with what came in between, by what happened to the file', async (t) => {
  const cases: readonly {
    readonly name: string;
    readonly happens: (file: string) => Promise<void>;
    readonly lines: readonly string[];
  }[] = [
    {
      name: 'it has grown',
      happens: (file) => appendFile(file, 'more\n'),
      lines: ['more'],
    },
    {
      name: 'it was renamed and replaced',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.1`);
        await writeFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'it was renamed and replaced by a file with the same beginning',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.1`);
        await writeFile(file, `${longLine}new\n`);
      },
      lines: ['rest', longLine.trimEnd(), 'new'],
    },
    {
      name: 'it was renamed several times',
      async happens(file) {
        await writeFile(`${file}.3`, 'read long ago\n');
        await writeFile(`${path.dirname(file)}/app-error.log`, 'something else\n');
        await utimes(`${file}.3`, 1000, 1000);
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.2`);
        await utimes(`${file}.2`, 2000, 2000);
        await writeFile(`${file}.1`, 'between\n');
        await writeFile(file, 'new\n');
      },
      lines: ['rest', 'between', 'new'],
    },
    {
      name: 'it was renamed and has no successor yet',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}-20240101`);
      },
      lines: ['rest'],
    },
    {
      name: 'it was copied and cut off',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await copyFile(file, `${file}.1`);
        await truncate(file);
        await appendFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'it was replaced by a smaller file',
      async happens(file) {
        await unlink(file);
        await writeFile(file, 'new\n');
      },
      lines: ['new'],
    },
    {
      name: 'it was replaced by a larger file',
      async happens(file) {
        await unlink(file);
        await writeFile(file, `${'x'.repeat(500)}\nnew\n`);
      },
      lines: ['x'.repeat(500), 'new'],
    },
    {
      name: 'it was cut off and has grown again',
      happens: (file) => writeFile(file, `${'x'.repeat(500)}\nnew\n`),
      lines: ['x'.repeat(500), 'new'],
    },
    {
      name: 'it was written anew by an editor',
      async happens(file) {
        await writeFile(`${file}.new`, `${longLine}more\n`);
        await rename(`${file}.new`, file);
      },
      lines: ['more'],
    },
  ];
  for (const { name, happens, lines } of cases) {
    const file = await fileOf(t, longLine);
    const from = await earlierRun(t, file, 1);
    assert.equal(from?.offset, longLine.length);
    await happens(file);
    const { receiver, stop } = follow(t, file, { from });
    assert.deepEqual(await receiver.take(lines.length), lines, name);
    await stop();
  }
});

test('a place that another program recorded counts as long as the file is large enough', async (t) => {
  const file = await fileOf(t, 'line1\nline2\n');
  const inside = follow(t, file, { from: { offset: 6, identity: undefined } });
  assert.deepEqual(await inside.receiver.take(1), ['line2']);
  const outside = follow(t, file, { from: { offset: 13, identity: undefined } });
  assert.deepEqual(await outside.receiver.take(2), ['line1', 'line2']);
});

test('many files are read at once', async (t) => {
  const root = await directory(t);
  const watch = new PollSchedule();
  const gate = new ReadGate(4);
  const files = Array.from({ length: 200 }, (_, index) => path.join(root, `${index}.log`));
  await Promise.all(files.map((file) => writeFile(file, `${file}\n`.repeat(1000))));
  const tails = files.map((file) => follow(t, file, { watch, gate }));
  for (const [index, { receiver }] of tails.entries()) {
    const file = files[index] ?? '';
    assert.deepEqual(
      await receiver.take(1000),
      Array.from({ length: 1000 }, () => file),
    );
    await appendFile(file, 'end\n');
  }
  for (const { receiver } of tails) assert.deepEqual(await receiver.take(1), ['end']);
  watch.close();
});
