import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeRequest, encodeRequest } from './outgoing-request.ts';

const counts = { samples: fc.nat(), histograms: fc.nat(), exemplars: fc.nat(), metadata: fc.nat() };
const times = { oldest: fc.integer(), newest: fc.integer() };

test('requests are read from disk as they were written', () => {
  const fields = {
    protocol: fc.constantFrom('v1', 'v2'),
    epoch: fc.string(),
    shard: fc.nat(),
    ...counts,
    ...times,
    body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    settles: fc.constant([]),
  } as const;
  const request = fc.record(fields, { noNullPrototype: true });
  fc.assert(fc.property(request, (one) => assert.deepEqual(decodeRequest(encodeRequest(one)), one)));
});

test('what is no request of ours is not read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      assert.equal(decodeRequest(Buffer.from(bytes)), undefined);
    }),
  );
  const header = (text: string): Buffer => Buffer.concat([Buffer.from([1, text.length]), Buffer.from(text)]);
  for (const text of ['{}', 'null', '[]', '1', '{"protocol":"v1"}', '{"protocol":"v3","epoch":"x"}'])
    assert.equal(decodeRequest(header(text)), undefined);
});
