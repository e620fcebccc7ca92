import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from './labels.ts';
import { LogBatchBuilder, logBatch } from './log-batch-builder.ts';
import { entriesOf, labelsOf, lineText, metadataOf, type LogEntry } from './log-batch.ts';
import { encodeMetadata } from './structured-metadata.ts';

const a = Labels.fromRecord({ app: 'a' });
const b = Labels.fromRecord({ app: 'b' });

/** Starts a builder with a text as its arena. */
function builderOver(text: string): { readonly builder: LogBatchBuilder; readonly arena: Buffer } {
  const builder = new LogBatchBuilder();
  const arena = Buffer.from(text);
  builder.start(arena, 5);
  return { builder, arena };
}

test('lines that are most of the arena stay in it', () => {
  const { builder, arena } = builderOver('one\ntwo\n');
  builder.add(0, 3, 1, 2, a);
  builder.add(4, 7, 3, 4, b);
  assert.equal(builder.count, 2);
  const batch = builder.finish() ?? assert.fail();
  assert.equal(batch.bytes, arena);
  assert.equal(batch.readAt, 5);
  assert.deepEqual(
    [...entriesOf(batch)],
    [
      { line: 'one', seconds: 1, nanos: 2, labels: a, metadata: [] },
      { line: 'two', seconds: 3, nanos: 4, labels: b, metadata: [] },
    ],
  );
  assert.equal(batch.metadata, undefined);
});

test('lines that are little of the arena do not keep it', () => {
  const { builder, arena } = builderOver(`${'x'.repeat(100)}one${'y'.repeat(100)}two`);
  builder.add(100, 103, 0, 0, a);
  builder.add(203, 206, 0, 0, a);
  builder.add(206, 206, 0, 0, a);
  const batch = builder.finish() ?? assert.fail();
  assert.notEqual(batch.bytes.buffer, arena.buffer);
  assert.equal(batch.bytes.length, 6);
  assert.deepEqual([0, 1, 2].map((index) => lineText(batch, index)), ['one', 'two', '']); // prettier-ignore
});

test('lines may be kept behind the arena', () => {
  const { builder } = builderOver('one two');
  builder.add(0, 3, 0, 0, a);
  const start = builder.keepText('é');
  builder.add(start, builder.end, 0, 0, a);
  const bytes = Buffer.from('__three__');
  const kept = builder.keep(bytes, 2, 7);
  builder.add(kept, builder.end, 0, 0, a);
  builder.add(4, 7, 0, 0, a);
  const empty = builder.keepText('');
  builder.add(empty, builder.end, 0, 0, a);
  const batch = builder.finish() ?? assert.fail();
  assert.deepEqual(Array.from({ length: batch.count }, (_, index) => lineText(batch, index)), ['one', 'é', 'three', 'two', '']); // prettier-ignore
});

test('empty lines need no bytes', () => {
  const { builder } = builderOver('');
  for (let index = 0; index < 3; index++) builder.add(0, 0, 0, 0, a);
  const batch = builder.finish() ?? assert.fail();
  assert.deepEqual([batch.count, batch.bytes.length, lineText(batch, 2)], [3, 0, '']);
});

test('equal label sets are one stream', () => {
  const { builder } = builderOver('x');
  for (const labels of [a, b, a, b, b]) builder.add(0, 1, 0, 0, labels);
  const batch = builder.finish() ?? assert.fail();
  assert.deepEqual(batch.streams, [a, b]);
  assert.deepEqual(Array.from({ length: batch.count }, (_, index) => labelsOf(batch, index)), [a, b, a, b, b]); // prettier-ignore
});

test('metadata belongs to the entry that was added last', () => {
  const { builder } = builderOver('abcd');
  const encoded = encodeMetadata([
    { name: 'p', value: '1' },
    { name: 'q', value: '2' },
  ]);
  builder.add(0, 1, 0, 0, a);
  builder.addPair('m', 'é');
  builder.addPair('n', '');
  builder.add(1, 2, 0, 0, a);
  builder.add(2, 3, 0, 0, a);
  builder.addMetadata(encoded, 0, encoded.length);
  builder.addPair('r', '3');
  builder.add(3, 4, 0, 0, a);
  builder.addPair('s', '4');
  const batch = builder.finish() ?? assert.fail();
  const shown = (index: number) => metadataOf(batch, index).map(({ name, value }) => `${name}=${value}`);
  assert.deepEqual([0, 1, 2, 3].map(shown), [['m=é', 'n='], [], ['p=1', 'q=2', 'r=3'], ['s=4']]);
});

test('a builder is empty after it has finished', () => {
  const { builder } = builderOver('one');
  builder.add(0, 3, 0, 0, a);
  builder.addPair('m', '1');
  const first = builder.finish() ?? assert.fail();
  assert.equal(builder.finish(), undefined);
  assert.equal(builder.count, 0);
  builder.start(Buffer.from('second'), 6);
  builder.add(0, 6, 7, 8, b);
  const second = builder.finish() ?? assert.fail();
  assert.deepEqual([...entriesOf(second)], [{ line: 'second', seconds: 7, nanos: 8, labels: b, metadata: [] }]);
  assert.equal(second.metadata, undefined);
  assert.equal(lineText(first, 0), 'one', 'what was handed out stays');
  assert.deepEqual(metadataOf(first, 0).map(({ name }) => name), ['m']); // prettier-ignore
});

test('batches may have many entries', () => {
  const entries = Array.from({ length: 1000 }, (_, index): LogEntry => {
    const metadata = index % 3 === 0 ? [{ name: 'index', value: `${index}` }] : [];
    return { line: `line ${index}`, seconds: index, nanos: index, labels: index % 2 === 0 ? a : b, metadata };
  });
  const batch = logBatch(entries, 0) ?? assert.fail();
  assert.deepEqual([...entriesOf(batch)], entries);
  assert.equal(logBatch([], 0), undefined);
});
