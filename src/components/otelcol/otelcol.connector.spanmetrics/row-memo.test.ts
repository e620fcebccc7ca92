import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { aggregator } from '../../../testkit/span-aggregator.ts';
import type { TestSpan } from '../../../testkit/trace-batch.ts';

const kinds = ['internal', 'server', 'client'] as const;
const values = [
  undefined,
  '',
  '1',
  1n,
  'a',
  'ab',
  'abc',
  'abcd',
  'abcde',
  'abcd\0',
  'x'.repeat(100),
  'x'.repeat(200),
] as const;

const anySpan = fc.record({
  service: fc.constantFrom('one', 'other'),
  name: fc.constantFrom('', 'a', 'GET /a', 'GET /b', 'y'.repeat(90)),
  kind: fc.constantFrom(...kinds),
  isError: fc.boolean(),
  a: fc.constantFrom(...values),
  b: fc.constantFrom(...values),
});

test('spans are counted with those that are equal in all that series have, however often they come', () => {
  fc.assert(
    fc.property(fc.array(anySpan, { maxLength: 60 }), fc.boolean(), (spans, isDelta) => {
      const { add, flush } = aggregator(`
        histogram {
          disable = true
          explicit { }
        }
        dimension { name = "a" }
        dimension { name = "b" \n default = "none" }
        ${isDelta ? 'aggregation_temporality = "DELTA"\nmetric_timestamp_cache_size = 2' : ''}`);
      const wanted = new Map<string, number>();
      for (let round = 1; round <= 3; round++) {
        if (isDelta) wanted.clear();
        for (const { service, name, kind, isError, a, b } of spans) {
          const key = [service, name, `SPAN_KIND_${kind.toUpperCase()}`, isError, a, b ?? 'none'].map(String).join();
          wanted.set(key, (wanted.get(key) ?? 0) + 1);
        }
        add(round, ...spans.map(spanOf));
        const points = flush(round + 0.5).filter(({ value }) => value !== 0);
        const counts = points.map(({ value, attributes }): [string, unknown] => [
          [
            attributes['service.name'],
            attributes['span.name'],
            attributes['span.kind'],
            attributes['status.code'] === 'STATUS_CODE_ERROR',
            attributes['a'],
            attributes['b'],
          ]
            .map(String)
            .join(),
          value,
        ]);
        // The first request of a total may only say that it begins at zero.
        if (isDelta || round > 1) assert.deepEqual(new Map(counts), wanted);
      }
    }),
  );
});

function spanOf({
  a,
  b,
  ...span
}: TestSpan & { a?: string | bigint | undefined; b?: string | bigint | undefined }): TestSpan {
  return { ...span, attributes: { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) } };
}
