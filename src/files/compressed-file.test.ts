import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { LineRecorder, quickSettings, textsOf } from '../testkit/line-recorder.ts';
import { until } from '../testkit/until.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CompressedFile, type CompressedSettings } from './compressed-file.ts';
import { ReadGate } from './read-gate.ts';

const bzip2 = (content: Buffer | string): Buffer => execFileSync('bzip2', ['-c'], { input: content });

async function fileOf(t: TestContext, content: Buffer): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'compressed-file-'));
  t.after(() => rm(root, { recursive: true }));
  const file = path.join(root, 'app.log.gz');
  await writeFile(file, content);
  return file;
}

interface ReadOptions extends Partial<CompressedSettings> {
  readonly from?: Checkpoint | undefined;
}

/** Reads a file until the test is over. */
function read(t: TestContext, file: string, options: ReadOptions = {}, receiver = new LineRecorder()) {
  const settings = quickSettings(options);
  const compressed = { compression: 'gz', initialDelay: 0, passes: new ReadGate(1), ...options } as const;
  const reader = new CompressedFile(file, options.from, { ...settings, ...compressed }, receiver);
  reader.start();
  const stop = async (): Promise<void> => {
    await reader.stop();
    settings.close();
  };
  t.after(stop);
  return { reader, receiver, stop };
}

test('the lines of a file come with offsets of its content, in every format', async (t) => {
  const content = 'line1\nline2\nline3\n';
  for (const [compression, compressed] of [
    ['gz', gzipSync(content)],
    ['z', deflateSync(content)],
    ['bz2', bzip2(content)],
  ] as const) {
    const file = await fileOf(t, compressed);
    const { receiver, reader, stop } = read(t, file, { compression });
    assert.deepEqual(await receiver.take(3), ['line1', 'line2', 'line3'], compression);
    await until(() => reader.delivered?.offset === 18);
    await stop();

    const from = { offset: 6, identity: undefined };
    const later = read(t, file, { compression, from });
    assert.deepEqual(await later.receiver.take(2), ['line2', 'line3'], compression);
    await later.stop();
  }
});

test('what follows the last line end is a line, and nothing comes a second time', async (t) => {
  for (const [compression, compress] of [
    ['gz', gzipSync],
    ['bz2', bzip2],
  ] as const) {
    const file = await fileOf(t, compress('one line\nand the rest'));
    const { receiver, reader, stop } = read(t, file, { compression });
    assert.deepEqual(await receiver.take(2), ['one line', 'and the rest']);
    await until(() => reader.delivered?.offset === 21);
    await stop();
    const again = read(t, file, { compression, from: reader.delivered });
    await until(() => again.receiver.looks > 0);
    assert.deepEqual(again.receiver.lines, []);
  }
});

test('large files come whole, also those of several blocks and members', async (t) => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index} ${(index * 7919) % 100_003}`);
  const half = lines.length / 2;
  const text = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('');
  for (const [compression, compress] of [
    ['gz', gzipSync],
    ['bz2', bzip2],
  ] as const) {
    const content = Buffer.concat([compress(text(lines.slice(0, half))), compress(text(lines.slice(half)))]);
    const { receiver, stop } = read(t, await fileOf(t, content), { compression });
    assert.deepEqual(await receiver.take(lines.length), lines, compression);
    assert.ok(receiver.batches.every(({ bytes }) => bytes.length < 300_000));
    await stop();
  }
});

test('lines before the place where a file is cut off or corrupted come, and that is told once', async (t) => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${(index * 7919) % 100_003}`);
  const content = lines.map((line) => `${line}\n`).join('');
  const wrongSum = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8, 1)]);
  for (const [name, compression, compressed, count, message] of [
    ['cut off', 'gz', gzipSync(content).subarray(0, -1000), 4000, 'unexpected end of file'],
    ['wrong checksum', 'gz', wrongSum(gzipSync(content)), 5000, 'incorrect data check'],
    ['no gzip at all', 'gz', Buffer.from(content), 0, 'incorrect header check'],
    [
      'other data behind it',
      'gz',
      Buffer.concat([gzipSync(content), Buffer.alloc(99, 7)]),
      5000,
      'incorrect header check',
    ],
    ['cut off', 'z', deflateSync(content).subarray(0, -1000), 4000, 'unexpected end of file'],
    ['cut off', 'bz2', bzip2(content.repeat(30)).subarray(0, -1000), 5000, 'unexpected end of file'],
    ['no bzip2 at all', 'bz2', Buffer.from(content), 0, 'No magic number found'],
  ] as const) {
    const { receiver, stop } = read(t, await fileOf(t, compressed), { compression });
    await until(() => receiver.problems.length > 0);
    assert.ok(receiver.lines.length >= count, `${name}: ${receiver.lines.length} lines`);
    assert.deepEqual(receiver.lines.slice(0, 5000), lines.slice(0, receiver.lines.length), name);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(
      receiver.problems.map((problem) => [problem?.reason, problem?.message]),
      [['corrupted', message]],
      name,
    );
    await stop();
  }
});

test('a file that was not complete goes on when it is', async (t) => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${(index * 7919) % 100_003}`);
  const compressed = gzipSync(lines.map((line) => `${line}\n`).join(''));
  const file = await fileOf(t, compressed.subarray(0, 10_000));
  const { receiver } = read(t, file);
  await until(() => receiver.problems.length === 1);
  await appendFile(file, compressed.subarray(10_000));
  assert.deepEqual(await receiver.take(lines.length), lines);
  await until(() => receiver.problems.at(-1) === undefined);
});

test('another file at the same path is read from its beginning', async (t) => {
  const file = await fileOf(t, gzipSync('old1\nold2\n'));
  const { receiver, reader, stop } = read(t, file);
  await receiver.take(2);
  await writeFile(`${file}.new`, gzipSync('new1\nnew2\nnew3\n'));
  await rename(`${file}.new`, file);
  assert.deepEqual(await receiver.take(3), ['new1', 'new2', 'new3']);
  await until(() => reader.delivered?.offset === 15);
  await stop();
  await writeFile(file, gzipSync('short\n'));
  const later = read(t, file, { from: reader.delivered });
  assert.deepEqual(await later.receiver.take(1), ['short']);
});

test('the encoding is that of the content, also where its bytes come in odd parts', async (t) => {
  const text = Array.from({ length: 20_000 }, (_, index) => `世界 ${index}\r\n`).join('');
  const content = Buffer.from(`\ufeff${text}`, 'utf16le');
  const { receiver, reader } = read(t, await fileOf(t, gzipSync(content)));
  const lines = await receiver.take(20_000);
  assert.equal(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1').toString(), text);
  await until(() => reader.delivered?.offset === content.length);
});

test('lines that are too long are cut and counted', async (t) => {
  const content = `${'a'.repeat(1_000_000)}\nshort\n${'b'.repeat(300_000)}`;
  const { receiver } = read(t, await fileOf(t, gzipSync(content)), { maxLineSize: 200_000 });
  assert.deepEqual(await receiver.take(3), ['a'.repeat(200_000), 'short', 'b'.repeat(200_000)]);
  assert.deepEqual(receiver.losses, [
    [800_001, 'line_too_long'],
    [100_000, 'line_too_long'],
  ]);
});

test('reading waits while much is not delivered, and what failed is sent again with the same times', async (t) => {
  const receiver = new LineRecorder();
  receiver.mode = 'hold';
  const line = 'x'.repeat(999);
  const { reader } = read(t, await fileOf(t, gzipSync(`${line}\n`.repeat(20_000))), {}, receiver);
  await until(() => receiver.lines.length > 4000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const first = receiver.lines.length;
  assert.ok(first < 5000);
  assert.equal(reader.delivered?.offset, 0);

  receiver.mode = 'settle';
  const [lost, ...others] = receiver.held.splice(0);
  for (const settle of others) settle('settled');
  lost?.({ retryAfter: 5 });
  await until(() => reader.delivered?.offset === 20_000_000);
  const again = receiver.batches.filter(({ isRepeated }) => isRepeated);
  assert.equal(again.length, 1);
  assert.deepEqual(again[0]?.time, receiver.batches[0]?.time);
  assert.deepEqual(again[0] && textsOf(again[0]), receiver.batches[0] && textsOf(receiver.batches[0]));
});

test('a missing file is told, and read after the delay when it is there', async (t) => {
  const file = await fileOf(t, gzipSync('one\n'));
  await rm(file);
  const { receiver } = read(t, file, { initialDelay: 30 });
  await until(() => receiver.problems[0]?.reason === 'missing');
  await writeFile(file, gzipSync('one\n'));
  assert.deepEqual(await receiver.take(1), ['one']);
});

test('stopping ends promptly while the delay runs, while nothing is taken, and while bzip2 is decoded', async (t) => {
  const file = await fileOf(t, gzipSync('one\n'));
  const delayed = read(t, file, { initialDelay: 3_600_000 });
  await until(() => delayed.reader.isWatched);
  await delayed.stop();
  const receiver = new LineRecorder();
  receiver.taken = new Promise(() => undefined);
  const stuck = read(t, file, {}, receiver);
  await receiver.take(1);
  await stuck.stop();
  const bz2 = read(t, await fileOf(t, bzip2('x\n'.repeat(300_000))), { compression: 'bz2' });
  await until(() => bz2.receiver.lines.length > 0);
  await bz2.stop();
});
