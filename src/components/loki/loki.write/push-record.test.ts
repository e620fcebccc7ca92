import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeRecord, encodeRecord } from './push-record.ts';

test('requests are read from a log as they were written', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.nat(), fc.integer({ min: 1 }), fc.uint8Array(), (tenant, at, count, bytes) => {
      const body = Buffer.from(bytes);
      const readTimes = [{ at, count }];
      const request = { tenant, entryCount: count, readTimes, body, settles: [() => assert.fail()] };
      assert.deepEqual(decodeRecord(encodeRecord(request)), { ...request, settles: [] });
    }),
  ); // prettier-ignore
});

test('what is no record of ours is not read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      assert.equal(decodeRecord(Buffer.from(bytes)), undefined);
    }),
  );
});
