import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../../model/labels.ts';
import { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { batchOf, entriesIn, type TestEntry } from '../../../testkit/log-entries.ts';
import { Cursor } from './cursor.ts';
import { Slots } from './slots.ts';

const first: TestEntry = { line: 'first', labels: { a: '1' }, metadata: { m: '1', n: '2' } };
const second: TestEntry = { line: 'second', time: '2030-01-01T00:00:00.5Z' };

/** What becomes of the entries of a batch when each is changed under the cursor. */
function changed(batch: LogBatch, change: (cursor: Cursor, index: number) => void): LogBatch | undefined {
  const cursor = new Cursor(new Slots());
  const builder = new LogBatchBuilder();
  builder.start(batch.bytes, batch.readAt);
  for (let index = 0; index < batch.count; index++) {
    cursor.load(batch, index);
    change(cursor, index);
    cursor.addTo(builder);
  }
  return builder.finish();
}

function entriesAfter(change: (cursor: Cursor, index: number) => void): TestEntry[] {
  const batch = changed(batchOf(first, second), change);
  return entriesIn(batch === undefined ? [] : [batch]);
}

test('entries that are not changed go on as they are, in the same memory', () => {
  const batch = batchOf(first, second);
  const after = changed(batch, () => undefined);
  assert.ok(after);
  assert.equal(after.bytes, batch.bytes);
  assert.deepEqual(entriesIn([after]), [first, second]);
});

test('everything about an entry can be changed', () => {
  const entries = entriesAfter((cursor, index) => {
    if (index > 0) return;
    cursor.setText('é');
    cursor.labels = Labels.fromRecord({ b: '2' });
    cursor.seconds = 0;
    cursor.nanos = 1;
  });
  assert.deepEqual(entries, [
    { line: 'é', labels: { b: '2' }, time: '1970-01-01T00:00:00.000000001Z', metadata: { m: '1', n: '2' } },
    second,
  ]);
});

test('the line changes between bytes and text as stages want it', () => {
  const cursor = new Cursor(new Slots());
  cursor.load(batchOf({ line: Buffer.from([0x61, 0xff]) }), 0);
  assert.equal(cursor.text(), 'a\ufffd');
  cursor.needBytes();
  assert.deepEqual([...cursor.bytes.subarray(cursor.start, cursor.end)], [0x61, 0xff], 'text alone changes nothing');
  cursor.setText('é');
  cursor.needBytes();
  assert.deepEqual([...cursor.bytes.subarray(cursor.start, cursor.end)], [0xc3, 0xa9]);
  cursor.setBytes(Buffer.from('xyz'), 1, 2);
  assert.equal(cursor.text(), 'y');
  cursor.setText('');
  cursor.needBytes();
  assert.equal(cursor.start, cursor.end);
});

test('a part of the line is a range of the same memory', () => {
  const batch = batchOf({ line: '0123456789' });
  const after = changed(batch, (cursor) => cursor.setBytes(cursor.bytes, cursor.start + 1, cursor.end));
  assert.equal(after?.bytes, batch.bytes);
  assert.deepEqual(entriesIn(after === undefined ? [] : [after]), [{ line: '123456789' }]);
});

test('a snapshot brings an entry back, whatever came after it, but for its line', () => {
  const batch = batchOf(first, second);
  const cursor = new Cursor(new Slots());
  cursor.load(batch, 0);
  const snapshot = cursor.snapshot();

  const builder = new LogBatchBuilder();
  const later = batchOf(second, { line: 'x', metadata: { z: '26' } });
  builder.start(later.bytes, later.readAt);
  cursor.load(later, 1);
  cursor.restore(snapshot);
  cursor.setBytes(Buffer.from('kept'), 0);
  cursor.addTo(builder);
  cursor.load(later, 1);
  cursor.addTo(builder);
  const out = builder.finish();
  assert.deepEqual(entriesIn(out === undefined ? [] : [out]), [
    { ...first, line: 'kept' },
    { line: 'x', metadata: { z: '26' } },
  ]);
});
