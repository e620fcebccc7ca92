import assert from 'node:assert/strict';
import { appendFile, copyFile, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileOf, follow } from '../testkit/follow-file.ts';
import { LineRecorder, textsOf } from '../testkit/line-recorder.ts';
import { until } from '../testkit/until.ts';

test('the first line is sent only when it is recorded which file it is from', async (t) => {
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
  const receiver = new LineRecorder();
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
