import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordBuffer } from './record-buffer.ts';

test('records are taken once, each with the delimiter after it', () => {
  const buffer = new RecordBuffer(1);
  buffer.add('[IN]: ', ['a', 'b|;|c'], 2);
  assert.equal(buffer.take(), '[IN]: a|;|[IN]: b| ; |c|;|');
  assert.equal(buffer.take(), '');
});

test('what there is no room for is counted and not even made', () => {
  const buffer = new RecordBuffer(1);
  let made = 0;
  function* texts(): Generator<string> {
    for (; made < 5000; made++) yield 'x';
  }
  buffer.add('', texts(), 5000);
  buffer.add('', ['more'], 1);
  const records = buffer.take().split('|;|');
  assert.equal(records.length, 1000 + 2);
  assert.equal(records[1000], '[DROPPED]: 4001 records');
  assert.ok(made < 1010, String(made));
});

test('with a probability of 0 nothing is kept, and nothing counts as dropped', () => {
  const buffer = new RecordBuffer(0);
  buffer.add('', ['a', 'b'], 2);
  assert.equal(buffer.take(), '');
});
