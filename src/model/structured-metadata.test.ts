import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readPushRequest, writePushRequest } from '../testkit/push-reference.ts';
import { decodeMetadata, encodeMetadata, metadataSize, type MetadataPair } from './structured-metadata.ts';

/** The pairs of an entry as the reference reads them, if they are the bytes given. */
function readByReference(bytes: Buffer): readonly MetadataPair[] {
  const timestamp = Buffer.from([0x0a, 0]);
  const entry = Buffer.concat([timestamp, bytes]);
  const stream = Buffer.concat([Buffer.from([0x12]), varint(entry.length), entry]);
  const request = Buffer.concat([Buffer.from([0x0a]), varint(stream.length), stream]);
  return readPushRequest(request)[0]?.entries[0]?.metadata ?? [];
}

function varint(value: number): Buffer {
  return value < 0x80
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 0x7f) | 0x80]), varint(value >>> 7)]);
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', 'a', 'é', '😀', 'x'.repeat(127), 'x'.repeat(128), `${'x'.repeat(200)}é`, 'y'.repeat(20_000)),
);
const pairs = fc.array(fc.record({ name: text, value: text }, { noNullPrototype: true }), { maxLength: 5 });

test('pairs are written as protobuf has them, and come back', () => {
  fc.assert(
    fc.property(pairs, (all) => {
      const bytes = encodeMetadata(all);
      assert.deepEqual(readByReference(bytes), all);
      assert.deepEqual(decodeMetadata(bytes, 0, bytes.length), all);
      const around = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]);
      assert.deepEqual(decodeMetadata(around, 3, 3 + bytes.length), all);
    }),
  );
});

test('the bytes are those that the reference writes', () => {
  const all: readonly MetadataPair[] = [
    { name: 'trace_id', value: '0242ac120002' },
    { name: '', value: 'x' },
    { name: 'é', value: '' },
    { name: '', value: '' },
  ];
  const [empty, full] = [[], all].map((metadata) =>
    writePushRequest([{ labels: '', entries: [{ timestampNs: '0', line: '', metadata }] }]),
  ) as [Buffer, Buffer];
  const bytes = encodeMetadata(all);
  assert.ok(full.subarray(-bytes.length).equals(bytes));
  assert.equal(full.length, empty.length + bytes.length);
});

test('text that is no text is replaced', () => {
  const bytes = encodeMetadata([{ name: '\ud800', value: 'a\udc00b' }]);
  assert.deepEqual(decodeMetadata(bytes, 0, bytes.length), [{ name: '\ufffd', value: 'a\ufffdb' }]);
});

test('the size of metadata is that of its pairs without what is around them', () => {
  const size = (...all: readonly MetadataPair[]) => {
    const bytes = encodeMetadata(all);
    return metadataSize(bytes, 0, bytes.length);
  };
  assert.equal(size(), 0);
  assert.equal(size({ name: 'foo', value: 'bar' }), 10);
  assert.equal(size({ name: 'foo', value: 'bar' }, { name: 'é', value: '' }), 14);
  assert.equal(size({ name: 'n', value: 'v'.repeat(200) }), 3 + 3 + 200);
});
