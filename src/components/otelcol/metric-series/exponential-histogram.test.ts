import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bucketIndex, ExponentialHistogram } from './exponential-histogram.ts';

function histogram(maxSize: number, ...values: readonly number[]) {
  const made = new ExponentialHistogram(maxSize);
  for (const value of values) made.observe(value, 1);
  const { positive, ...point } = made.point(values.length);
  const { offset, counts, first, length } = positive;
  return { ...point, offset, counts: Array.from(counts).slice(first, first + length) };
}

test('values decide the scale', () => {
  const cases: readonly [size: number, values: readonly number[], scale: number, offset: number, counts: number[]][] = [
    [4, [2, 4], 1, 1, [1, 0, 1]],
    [4, [4, 2], 1, 1, [1, 0, 1]],
    [4, [1], 20, -1, [1]],
    [4, [1, 2, 4], 0, -1, [1, 1, 1]],
    [2, [1, 2, 4, 8], -2, -1, [1, 3]],
  ];
  for (const [size, values, scale, offset, counts] of cases) {
    const made = histogram(size, ...values);
    assert.deepEqual([made.scale, made.offset, made.counts], [scale, offset, counts], String(values));
  }
});

test('the usual size has a resolution of 2^(1/128) for one doubling', () => {
  const { scale, offset, counts } = histogram(160, 2, 4);
  assert.deepEqual([scale, offset, counts.length, counts[0], counts[128]], [7, 127, 129, 1, 1]);
});

test('zero is counted apart, and the extremes are kept', () => {
  const { zeroCount, sum, min, max, counts } = histogram(8, 0, 3, 0.5);
  assert.deepEqual({ zeroCount, sum, min, max }, { zeroCount: 1, sum: 3.5, min: 0, max: 3 });
  assert.equal(
    counts.reduce((total, count) => total + count, 0),
    2,
  );
  assert.deepEqual(histogram(8).counts, []);
});

const anyValue = fc.oneof(
  fc.double({ min: 1e-300, max: 1e12, noNaN: true }),
  fc.integer({ min: -40, max: 40 }).map((exponent) => 2 ** exponent),
);

test('every value is in the bucket that its scale gives it', () => {
  fc.assert(
    fc.property(
      fc.array(anyValue, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 2, max: 40 }),
      (values, size) => {
        const { scale, offset, counts } = histogram(size, ...values);
        assert.ok(counts.length <= size);
        const expected = new Map<number, number>();
        for (const value of values) {
          const index = bucketIndex(value, scale);
          expected.set(index, (expected.get(index) ?? 0) + 1);
        }
        const found = new Map(
          counts.map((count, at): [number, number] => [offset + at, count]).filter(([, count]) => count > 0),
        );
        assert.deepEqual(found, new Map([...expected].toSorted(([a], [b]) => a - b)));
        // Buckets are as fine as they can be.
        if (scale < 20) {
          const finer = values.map((value) => bucketIndex(value, scale + 1));
          assert.ok(Math.max(...finer) - Math.min(...finer) >= size);
        }
      },
    ),
  );
});

test('a bucket begins after its lower bound and ends with its upper one', () => {
  fc.assert(
    fc.property(anyValue, fc.integer({ min: -5, max: 8 }), (value, scale) => {
      const base = 2 ** (2 ** -scale);
      const index = bucketIndex(value, scale);
      const slack = 1 + 1e-9;
      assert.ok(base ** index <= value * slack, 'lower');
      assert.ok(value <= base ** (index + 1) * slack, 'upper');
    }),
  );
});
