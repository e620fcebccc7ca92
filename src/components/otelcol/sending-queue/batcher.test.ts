import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlpSize, type OtlpBatch } from '../../../model/otlp-batch.ts';
import { numberedSpans, spanNames } from '../../../testkit/otlp-collector.ts';
import { traceBatch } from '../../../testkit/trace-batch.ts';
import { Batcher } from './batcher.ts';
import type { BatchArgs } from './fields.ts';
import type { QueuedRequest } from './request-queue.ts';
import type { GivenUp } from './sender.ts';

const failure: GivenUp = {
  isDelivered: false,
  isRetryable: false,
  retryAfter: undefined,
  message: 'it failed',
  type: '_OTHER',
  reason: 'refused',
};

/** A batcher with what comes of it: the sizes of batches, and how many requests were delivered and failed. */
class Tried {
  readonly exported: number[] = [];
  readonly spans: string[] = [];
  delivered = 0;
  failed = 0;
  tooLarge = 0;
  /** Batches of that size fail. */
  readonly failing = new Set<number>();
  readonly #batcher: Batcher;
  #next = 0;

  constructor(args: Partial<BatchArgs>) {
    const all: BatchArgs = { flush_timeout: 50, min_size: 0, max_size: 0, sizer: 'items', ...args };
    this.#batcher = new Batcher(all, (items) => {
      this.tooLarge += items;
      return { ...failure, reason: 'too_large' };
    });
  }

  add(...sizes: readonly number[]): this {
    for (const size of sizes) {
      this.put(numberedSpans(size, this.#next));
      this.#next += size;
    }
    return this;
  }

  put(batch: OtlpBatch): void {
    const done = (failed: GivenUp | undefined): void => {
      if (failed === undefined) this.delivered++;
      else this.failed++;
    };
    this.#export(this.#batcher.add({ batch, done }));
  }

  flush(): this {
    this.#export(this.#batcher.flush());
    return this;
  }

  get isDue(): boolean {
    return this.#batcher.due !== undefined;
  }

  #export(batches: readonly QueuedRequest[]): void {
    for (const { batch, done } of batches) {
      const isFailing = this.failing.has(batch.count);
      if (!isFailing) {
        this.exported.push(batch.count);
        this.spans.push(...batch.chunks.flatMap((chunk) => spanNames(chunk)));
      }
      done(isFailing ? failure : undefined);
    }
  }
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `span ${index}`);
}

test('Q1: without a smallest size each request is sent at once, and one that fails fails alone', () => {
  const tried = new Tried({});
  tried.add(8);
  tried.failing.add(8);
  tried.add(8);
  tried.failing.clear();
  tried.add(17, 13, 35, 2);
  assert.deepEqual(tried.exported, [8, 17, 13, 35, 2]);
  assert.deepEqual([tried.delivered, tried.failed], [5, 1]);
});

test('Q2: requests wait for the smallest size, and all in a batch that fails fail', () => {
  const tried = new Tried({ min_size: 10 });
  tried.failing.add(16);
  tried.add(8, 8);
  assert.deepEqual([tried.delivered, tried.failed], [0, 2]);
  tried.add(7, 13, 35, 2);
  assert.deepEqual(tried.exported, [20, 35]);
  assert.deepEqual([tried.delivered, tried.failed], [3, 2]);
  assert.deepEqual(tried.flush().exported, [20, 35, 2]);
  assert.deepEqual([tried.delivered, tried.failed], [4, 2]);
});

test('Q3: what stays below the smallest size is one batch when it is due', () => {
  const tried = new Tried({ min_size: 100 }).add(8, 17, 13, 35, 2);
  assert.deepEqual([tried.exported, tried.isDue], [[], true]);
  assert.deepEqual(tried.flush().exported, [75]);
  assert.deepEqual([tried.delivered, tried.isDue], [5, false]);
});

test('Q4: with a largest size requests are cut, in order, and the rest waits', () => {
  const tried = new Tried({ min_size: 100, max_size: 100 }).add(8, 17, 13, 35, 2, 30);
  assert.deepEqual(tried.exported, [100]);
  // Of the last one a part still waits.
  assert.equal(tried.delivered, 5);
  tried.add(900);
  assert.deepEqual(
    tried.exported,
    Array.from({ length: 10 }, () => 100),
  );
  assert.equal(tried.delivered, 6);
  assert.deepEqual(tried.flush().exported.slice(10), [5]);
  assert.equal(tried.delivered, 7);
  assert.deepEqual(tried.spans, names(1005));
});

test('Q5: what fits is one request', () => {
  assert.deepEqual(new Tried({ max_size: 10 }).add(5).exported, [5]);
});

test('Q6: a request that is too large is cut into as few as possible', () => {
  const tried = new Tried({ max_size: 4 }).add(10);
  assert.deepEqual(tried.exported, [4, 4, 2]);
  assert.deepEqual(tried.spans, names(10));
  assert.equal(tried.delivered, 1);
});

test('a request of which one part fails has failed', () => {
  const tried = new Tried({ max_size: 4 });
  tried.failing.add(2);
  tried.add(10);
  assert.deepEqual([tried.exported, tried.delivered, tried.failed], [[4, 4], 0, 1]);
});

test('Q7: by bytes, a single item that is too large is dropped and the others are sent', () => {
  const small = numberedSpans(3);
  const tried = new Tried({ sizer: 'bytes', min_size: 0, max_size: otlpSize(small) });
  const large = traceBatch({ name: 'long '.repeat(100) });
  const chunks = [...small.chunks, ...large.chunks, ...numberedSpans(2, 3).chunks];
  tried.put({ ...small, chunks, count: 6 });
  assert.deepEqual(tried.spans, names(5));
  assert.deepEqual([tried.tooLarge, tried.delivered, tried.failed], [1, 0, 1]);
});

test('by bytes, no batch is larger than it may be, whole items in it, and nothing is lost', () => {
  const max = 500;
  const sizes: number[] = [];
  const spans: string[] = [];
  const args = { flush_timeout: 50, min_size: 300, max_size: max, sizer: 'bytes' } as const;
  const batcher = new Batcher(args, () => assert.fail('nothing is too large'));
  const exported = (batches: readonly QueuedRequest[]): void => {
    for (const { batch } of batches) {
      sizes.push(otlpSize(batch));
      spans.push(...batch.chunks.flatMap((chunk) => spanNames(chunk)));
    }
  };
  let next = 0;
  for (const count of [1, 30, 2, 2, 7, 100, 1]) {
    exported(batcher.add({ batch: numberedSpans(count, next), done: () => undefined }));
    next += count;
  }
  exported(batcher.flush());
  assert.deepEqual(spans, names(next));
  assert.ok(sizes.every((size) => size <= max));
  assert.ok(sizes.slice(0, -1).every((size) => size >= 300));
});

test('batches of one sender keep it, others have none', () => {
  const clients = [{ address: '10.0.0.1', metadata: new Map(), auth: new Map() }, undefined];
  const args = { flush_timeout: 50, min_size: 2, max_size: 0, sizer: 'items' } as const;
  const batcher = new Batcher(args, () => failure);
  const add = (client: OtlpBatch['client']): readonly QueuedRequest[] =>
    batcher.add({ batch: { ...numberedSpans(1), client }, done: () => undefined });
  add(clients[0]);
  assert.deepEqual(add(clients[0])[0]?.batch.client, clients[0]);
  add(clients[0]);
  assert.equal(add(clients[1])[0]?.batch.client, undefined);
});
