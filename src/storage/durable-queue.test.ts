import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { queueFolder, takeAll, type QueueFolder } from '../testkit/queue-folder.ts';
import type { DurableQueue } from './durable-queue.ts';

async function appendAll(queue: DurableQueue, ...texts: readonly string[]): Promise<void> {
  await Promise.all(texts.map((text) => queue.append(Buffer.from(text))));
}

function segmentsIn(folder: QueueFolder): string[] {
  return readdirSync(folder.path).filter((name) => name.endsWith('.log'));
}

function sizeOf(folder: QueueFolder): number {
  return segmentsIn(folder).reduce((size, name) => size + statSync(path.join(folder.path, name)).size, 0);
}

test('records come in the order they were appended, also after it was opened again', async () => {
  await using folder = queueFolder();
  const texts = ['a', '', 'c'.repeat(100_000), 'd'];
  {
    await using queue = await folder.open();
    await appendAll(queue, ...texts);
    assert.deepEqual(await takeAll(queue), texts);
    assert.equal(queue.records, 4);
  }
  await using queue = await folder.open();
  assert.deepEqual([queue.records, queue.corrupted], [4, 0]);
  assert.deepEqual(await takeAll(queue), texts);
});

test('what is acknowledged does not come again, in whatever order it is', async () => {
  await using folder = queueFolder();
  for (const [acknowledged, left] of [
    [[1], ['b', 'c', 'd', 'e']],
    [
      [3, 5],
      ['b', 'd'],
    ],
    [[4, 4, 99], ['b']],
    [[2], []],
  ] as const) {
    await using queue = await folder.open();
    if (acknowledged[0] === 1) await appendAll(queue, 'a', 'b', 'c', 'd', 'e');
    for (const sequence of acknowledged) queue.acknowledge(sequence);
    await queue.close();
    await using again = await folder.open();
    assert.deepEqual(await takeAll(again), left);
  }
});

test('what is appended after everything was acknowledged is new', async () => {
  await using folder = queueFolder();
  for (let round = 1; round <= 3; round++) {
    await using queue = await folder.open();
    await appendAll(queue, `round ${round}`);
    const taken = await queue.take();
    assert.equal(taken?.payload.toString(), `round ${round}`);
    assert.equal(taken?.sequence, round);
    queue.acknowledge(round);
    await queue.close();
    assert.deepEqual(segmentsIn(folder), []);
  }
});

test('it tells how old the oldest record is', async () => {
  await using folder = queueFolder();
  const before = Date.now();
  let oldest: number | undefined;
  {
    await using queue = await folder.open();
    assert.equal(queue.oldestTime, undefined);
    await appendAll(queue, 'a');
    oldest = queue.oldestTime;
    assert.ok(oldest !== undefined && oldest >= before && oldest <= Date.now());
    await appendAll(queue, 'b');
    assert.equal(queue.oldestTime, oldest);
  }
  await using queue = await folder.open();
  assert.equal(queue.oldestTime, oldest);
  const first = await queue.take();
  assert.equal(first?.time, oldest);
  for (const sequence of [1, 2]) queue.acknowledge(sequence);
  assert.equal(queue.oldestTime, undefined);
});

test('who takes waits for a record, until no more come', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open();
  const first = queue.take();
  const second = queue.take();
  await appendAll(queue, 'a');
  assert.equal((await first)?.payload.toString(), 'a');
  await appendAll(queue, 'b');
  assert.equal((await second)?.payload.toString(), 'b');
  const last = queue.take();
  const rest = queue.take();
  const appended = queue.append(Buffer.from('c'));
  queue.finish();
  await appended;
  assert.equal((await last)?.payload.toString(), 'c');
  assert.equal(await rest, undefined);
  await assert.rejects(queue.append(Buffer.from('d')), { name: 'DurableQueueError', reason: 'closed' });
});

test('appends that come together share a write and a sync', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open();
  const texts = Array.from({ length: 1000 }, (_, index) => `${index}`);
  await appendAll(queue, ...texts);
  const counts = folder.operations();
  assert.ok((counts.get('writev') ?? 0) <= 5, `${counts.get('writev')} writes`);
  assert.equal(counts.get('datasync'), counts.get('writev'));
  assert.deepEqual(await takeAll(queue), texts);
});

test('what was just written is taken from memory as far as that may hold it, and from the disk otherwise', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ freshBytes: 3 });
  await appendAll(queue, 'a', 'bb', 'c');
  assert.deepEqual(await takeAll(queue), ['a', 'bb', 'c']);
  assert.equal(folder.operations().get('read'), 1);
  queue.acknowledge(1);
  await appendAll(queue, 'ddd');
  assert.deepEqual(await takeAll(queue, 1), ['ddd']);
  assert.equal(folder.operations().get('read'), 1);
  await queue.close();
  await using again = await folder.open({ freshBytes: 3 });
  assert.deepEqual(await takeAll(again), ['bb', 'c', 'ddd']);
});

test('a full queue refuses records until there is room', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxBytes: 10_000 });
  const record = Buffer.alloc(1000);
  let accepted = 0;
  for (; accepted < 100; accepted++) {
    try {
      await queue.append(record);
    } catch (error) {
      assert.deepEqual((error as { reason: string }).reason, 'full');
      break;
    }
  }
  assert.equal(accepted, 9);
  assert.ok(queue.bytes <= 10_000 && queue.bytes === sizeOf(folder));
  const room = queue.room();
  for (let sequence = 1; sequence <= 3; sequence++) queue.acknowledge(sequence);
  await room;
  await queue.append(record);
  await queue.close();
  assert.ok(sizeOf(folder) <= 10_000);
  assert.equal(queue.dropped, 0);
});

test('a queue that is full and then emptied takes records again, also one that is larger than all of it', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxBytes: 4000 });
  for (let round = 0; round < 50; round++) {
    await queue.append(Buffer.alloc(round % 5 === 0 ? 5000 : 900));
    const taken = await queue.take();
    queue.acknowledge(taken?.sequence ?? 0);
  }
  assert.ok(queue.bytes <= 4000);
  await assert.rejects(Promise.all([1, 2].map(() => queue.append(Buffer.alloc(5000)))), { reason: 'full' });
});

test('where the oldest make room, the newest are there, and those that went are counted', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxBytes: 10_000, whenFull: 'drop-oldest' });
  for (let index = 0; index < 100; index++) await queue.append(Buffer.from(`${index}`.padEnd(1000)));
  assert.ok(queue.bytes <= 10_000);
  assert.equal(queue.dropped + queue.records, 100);
  assert.ok(queue.records >= 7, `${queue.records} records`);
  const texts = (await takeAll(queue)).map((text) => Number(text));
  assert.deepEqual(
    texts,
    Array.from({ length: texts.length }, (_, index) => 100 - texts.length + index),
  );
});

test('the bound can be changed, and then there is room', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxBytes: 1000 });
  await queue.append(Buffer.alloc(900));
  await assert.rejects(queue.append(Buffer.alloc(900)), { reason: 'full' });
  const room = queue.room();
  queue.changeMaxBytes(5000);
  await room;
  await queue.append(Buffer.alloc(900));
  assert.equal(queue.hasRoomFor(Buffer.alloc(4000)), false);
});

test('the number of records is bounded too', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxRecords: 2 });
  await appendAll(queue, 'a', 'b');
  await assert.rejects(queue.append(Buffer.from('c')), { reason: 'full' });
});

test('files go when their records are acknowledged, while an old one still waits', async () => {
  await using folder = queueFolder();
  await using queue = await folder.open({ maxBytes: 80_000 });
  for (let index = 0; index < 60; index++) await queue.append(Buffer.alloc(1000));
  assert.ok(segmentsIn(folder).length > 5);
  for (let sequence = 2; sequence <= 60; sequence++) queue.acknowledge(sequence);
  await queue.close();
  assert.equal(segmentsIn(folder).length, 1);
  await using again = await folder.open();
  assert.equal((await again.take())?.sequence, 1);
  assert.equal(again.records, 1);
});

test('without the file of what is acknowledged, or with a damaged one, everything comes again', async () => {
  await using folder = queueFolder();
  {
    await using queue = await folder.open();
    await appendAll(queue, 'a', 'b');
    queue.acknowledge(1);
  }
  writeFileSync(path.join(folder.path, 'acknowledged'), 'nonsense');
  await using queue = await folder.open();
  assert.deepEqual(await takeAll(queue), ['a', 'b']);
  assert.deepEqual(folder.problems, ['everything in the queue counts as not acknowledged']);
});

test('files that are not its own are left alone', async () => {
  await using folder = queueFolder();
  {
    await using queue = await folder.open();
    await appendAll(queue, 'a');
  }
  writeFileSync(path.join(folder.path, 'notes.txt'), 'mine');
  await using queue = await folder.open();
  assert.deepEqual(await takeAll(queue), ['a']);
  assert.equal(readFileSync(path.join(folder.path, 'notes.txt'), 'utf8'), 'mine');
});

/** What a user of a queue does, and what is done to it. */
type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'acknowledge'; readonly which: number }
  | { readonly do: 'take' | 'close' | 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), sizes: fc.array(fc.nat(900), { maxLength: 5 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), which: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'take' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'crash' as const }) },
); // prettier-ignore

test('whatever is done to it, it holds what a list would hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      await using folder = queueFolder();
      let queue = await folder.open({ maxBytes: 8000 });
      let next = 0;
      /** What is durable and not acknowledged, in order, and of it what was taken, by its number in the queue. */
      let open: string[] = [];
      const taken = new Map<string, number>();
      /** What may come again after a crash, since it was acknowledged only lately. */
      let mayReturn = new Set<string>();
      for (const one of steps) {
        if (one.do === 'append') {
          const texts = one.sizes.map((size) => `${next++} `.padEnd(size, 'x'));
          const results = await Promise.allSettled(texts.map((text) => queue.append(Buffer.from(text))));
          open.push(...texts.filter((_, index) => results[index]?.status === 'fulfilled'));
        } else if (one.do === 'take') {
          const expected = open.find((text) => !taken.has(text));
          if (expected === undefined) continue;
          const record = await queue.take();
          assert.equal(record?.payload.toString(), expected);
          taken.set(expected, record?.sequence ?? 0);
        } else if (one.do === 'acknowledge') {
          const text = [...taken.keys()][one.which % taken.size];
          if (text === undefined) continue;
          queue.acknowledge(taken.get(text) ?? 0);
          taken.delete(text);
          mayReturn.add(text);
          open = open.filter((other) => other !== text);
        } else {
          if (one.do === 'crash') folder.crash();
          else {
            await queue.close();
            mayReturn = new Set();
          }
          queue = await folder.open({ maxBytes: 8000 });
          taken.clear();
          const found = await takeAll(queue);
          assert.deepEqual(found.filter((text) => !mayReturn.has(text)), open); // prettier-ignore
          open = found;
          mayReturn = new Set();
          await queue.close();
          queue = await folder.open({ maxBytes: 8000 });
        }
        assert.equal(queue.records, open.length);
        assert.equal(queue.corrupted, 0);
      }
      await queue.close();
    }),
    { numRuns: 60 },
  );
});
