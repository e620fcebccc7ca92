import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatIdentity, parseIdentity } from './checkpoint.ts';

test('an identity reads back as it was written', () => {
  const checksum = fc.nat(0xffff_ffff);
  const head = fc.record({ size: fc.integer({ min: 1, max: 1024 }), checksum }, { noNullPrototype: true });
  const identity = fc.record(
    { device: fc.nat(), inode: fc.maxSafeNat(), checksum, head: fc.option(head, { nil: undefined }) },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(identity, (value) => assert.deepEqual(parseIdentity(formatIdentity(value)), value)));
});

test('what is not an identity is refused', () => {
  for (const text of ['', '1:2:3', 'a:1::0', '1:2::', '1:2:3:4:5', '1:2::123456789', '1:2:3:4', '1:2:3/x:4', ' 1:2::3'])
    assert.equal(parseIdentity(text), undefined, text);
});
