import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Place } from './checkpoint.ts';
import { UnsettledRanges, type SentRange } from './unsettled-ranges.ts';

function place(offset: number): Place {
  return { offset, checksum: offset };
}

function range(start: number, end: number): SentRange {
  return { start: place(start), end: place(end), contentEnd: end, time: { seconds: 0, nanos: 0 }, count: 1 };
}

test('the delivered part grows only where nothing before is missing', () => {
  const ranges = new UnsettledRanges({ offset: 5, checksum: 0 });
  const [a, b, c] = [range(5, 10), range(10, 20), range(20, 30)];
  for (const each of [a, b, c]) ranges.add(each);
  ranges.settle(b);
  assert.deepEqual(ranges.delivered, { offset: 5, checksum: 0 });
  ranges.settle(a);
  assert.deepEqual(ranges.delivered, { offset: 20, checksum: 20 });
  ranges.settle(c);
  assert.deepEqual(ranges.delivered, { offset: 30, checksum: 30 });
  assert.equal(ranges.isEmpty, true);
});

test('a failed range is told until it is sent again, and settles later', () => {
  const ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  const [a, b] = [range(0, 10), range(10, 20)];
  ranges.add(a);
  ranges.add(b);
  ranges.markFailed(b);
  ranges.markFailed(a);
  assert.equal(ranges.failed, a);
  ranges.sentAgain(a);
  assert.equal(ranges.failed, b);
  ranges.settle(a);
  assert.equal(ranges.delivered.offset, 10);
  ranges.sentAgain(b);
  ranges.settle(b);
  assert.equal(ranges.delivered.offset, 20);
});

test('a range that settles twice changes nothing the second time', () => {
  const ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  const [a, b, c] = [range(0, 10), range(10, 20), range(20, 30)];
  for (const each of [a, b, c]) ranges.add(each);
  ranges.settle(b);
  ranges.settle(b);
  ranges.markFailed(b);
  ranges.settle(c);
  ranges.settle(a);
  ranges.settle(a);
  assert.equal(ranges.delivered.offset, 30);
});

test('what was delivered behind one that is stuck is kept as one entry', () => {
  const ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  ranges.add(range(0, 1));
  const later = Array.from({ length: 1000 }, (_, index) => range(index + 1, index + 2));
  for (const each of later) ranges.add(each);
  for (const each of later.filter((_, index) => index % 2 === 0)) ranges.settle(each);
  for (const each of later.filter((_, index) => index % 2 === 1)) ranges.settle(each);
  assert.equal(ranges.size, 2);
  assert.equal(ranges.delivered.offset, 0);
});

test('settling in any order delivers everything, and never skips a range', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 12 }, (_, index) => index),
        { minLength: 12 },
      ),
      (order) => {
        const ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
        const all = order.map((_, index) => range(index, index + 1));
        for (const each of all) ranges.add(each);
        const settled = new Set<number>();
        for (const index of order) {
          ranges.settle(all[index] ?? range(0, 0));
          settled.add(index);
          let first = 0;
          while (settled.has(first)) first++;
          assert.equal(ranges.delivered.offset, first);
        }
        assert.equal(ranges.isEmpty, true);
      },
    ),
  );
});
