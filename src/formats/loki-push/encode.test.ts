import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Labels } from '../../model/labels.ts';
import { logBatch } from '../../model/log-batch-builder.ts';
import type { LogBatch, LogEntry } from '../../model/log-batch.ts';
import { readPushRequest, referenceSnappy, writePushRequest } from '../../testkit/push-reference.ts';
import { entrySize, PushRequestBuilder } from './encode.ts';

type Entry = Partial<Omit<LogEntry, 'labels'>> & { readonly app?: string };

function batchOf(entries: readonly Entry[]): LogBatch {
  const all = entries.map(({ app = 'a', ...entry }) => ({
    line: '',
    seconds: 0,
    nanos: 0,
    metadata: [],
    labels: Labels.from([['app', app]]),
    ...entry,
  }));
  const batch = logBatch(all, 0);
  assert.ok(batch !== undefined);
  return batch;
}

function addAll(builder: PushRequestBuilder, batch: LogBatch): void {
  const texts = batch.streams.map(String);
  for (let index = 0; index < batch.count; index++) {
    builder.add(batch, index, texts[batch.streamOf[index] ?? 0] ?? '');
  }
}

function encoded(builder: PushRequestBuilder): Buffer {
  const output = Buffer.alloc(builder.encodedSize);
  assert.equal(builder.encode(output, 0), output.length);
  return output;
}

function linesOf(body: Buffer): string[] {
  return readPushRequest(referenceSnappy.uncompress(body)).flatMap(({ entries }) => entries.map(({ line }) => line));
}

test('entries are grouped by stream in the order they came', () => {
  const builder = new PushRequestBuilder();
  addAll(builder, batchOf([{ line: '1' }, { line: '2', app: 'b' }, { line: '3' }]));
  addAll(builder, batchOf([{ line: '4', app: 'b' }, { line: '5', app: 'c' }, { line: '6' }]));
  const streams = readPushRequest(encoded(builder)).map(({ labels, entries }) => [
    labels,
    ...entries.map((e) => e.line),
  ]);
  assert.deepEqual(streams, [
    ['{app="a"}', '1', '3', '6'],
    ['{app="b"}', '2', '4'],
    ['{app="c"}', '5'],
  ]);
  assert.equal(builder.streamCount, 3);
  assert.equal(builder.entryCount, 6);
  assert.equal(builder.has('{app="b"}'), true);
  assert.equal(builder.has('{app="d"}'), false);
});

test('an entry without anything has an empty timestamp and nothing else', () => {
  const builder = new PushRequestBuilder();
  builder.add(batchOf([{}]), 0, '{}');
  assert.equal(encoded(builder).toString('hex'), '0a080a027b7d12020a00');
  assert.deepEqual(readPushRequest(encoded(builder)), [
    { labels: '{}', entries: [{ timestampNs: '0', line: '', metadata: [] }] },
  ]);
});

test('a stream without labels text leaves it out', () => {
  const builder = new PushRequestBuilder();
  builder.add(batchOf([{}]), 0, '');
  assert.equal(encoded(builder).toString('hex'), '0a0412020a00');
});

test('metadata keeps its order', () => {
  const metadata = [
    { name: 'b', value: '2' },
    { name: 'a', value: '' },
    { name: 'é', value: '日本' },
  ];
  const builder = new PushRequestBuilder();
  addAll(builder, batchOf([{ line: 'x' }, { line: 'y', metadata }, { line: 'z' }]));
  const [stream] = readPushRequest(encoded(builder));
  assert.deepEqual(
    stream?.entries.map((entry) => entry.metadata),
    [[], metadata, []],
  );
});

test('lines are sent as the bytes they are', () => {
  const builder = new PushRequestBuilder();
  const batch = batchOf([{ line: '??' }]);
  batch.bytes.set([0xff, 0x00], batch.lineStarts[0]);
  builder.add(batch, 0, '{}');
  assert.ok(encoded(builder).includes(Buffer.from([0x12, 0x02, 0xff, 0x00])));
});

test('the size is that of lines and metadata as Alloy counts them, and of the labels of each stream', () => {
  const cases: readonly [entry: Entry, size: number][] = [
    [{}, 0],
    [{ line: 'é' }, 2],
    [{ line: 'x', metadata: [{ name: 'ab', value: 'c' }] }, 1 + 4 + 3],
    [{ metadata: [{ name: '', value: 'c' }, { name: 'a', value: '' }] }, 3 + 3],
    [{ metadata: [{ name: 'a', value: 'v'.repeat(200) }] }, 3 + 203],
  ]; // prettier-ignore
  const builder = new PushRequestBuilder();
  let sum = 0;
  for (const [entry, size] of cases) {
    const batch = batchOf([{ line: 'not this one' }, entry]);
    assert.equal(entrySize(batch, 1), size);
    builder.add(batch, 1, `{size="${size}"}`);
    sum += size + `{size="${size}"}`.length;
    assert.equal(builder.size, sum);
    builder.add(batch, 1, `{size="${size}"}`);
    sum += size;
    assert.equal(builder.size, sum);
  }
});

test('batches may change once their entries were added', () => {
  const builder = new PushRequestBuilder();
  const batch = batchOf([{ line: 'one' }, { line: 'two', app: 'b' }, { line: 'three' }]);
  addAll(builder, batch);
  batch.bytes.fill(0);
  assert.deepEqual(linesOf(builder.finish()), ['one', 'three', 'two']);
});

test('a finished request is compressed, and the next one begins empty', () => {
  const builder = new PushRequestBuilder();
  const batch = batchOf([{ line: 'one' }, { line: 'two', app: 'b' }]);
  addAll(builder, batch);
  const body = builder.finish();
  assert.deepEqual([builder.entryCount, builder.streamCount, builder.size], [0, 0, 0]);
  builder.add(batch, 1, '{app="b"}');
  assert.deepEqual(linesOf(builder.finish()), ['two']);
  assert.deepEqual(linesOf(body), ['one', 'two']);
  assert.deepEqual(linesOf(builder.finish()), []);
});

const int64Nanos = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const entry = fc.record({
  time: int64Nanos,
  line: text,
  app: fc.constantFrom('a', 'b', 'c', 'é"'),
  metadata: fc.array(fc.record({ name: text, value: text }, { noNullPrototype: true }), { maxLength: 3 }),
});

test('an independent library reads and would write the same', () => {
  fc.assert(
    fc.property(fc.array(fc.array(entry, { minLength: 1, maxLength: 20 }), { maxLength: 4 }), (batches) => {
      const builder = new PushRequestBuilder();
      const expected = new Map<string, { timestampNs: string; line: string; metadata: LogEntry['metadata'] }[]>();
      for (const entries of batches) {
        addAll(
          builder,
          batchOf(
            entries.map(({ time, ...rest }) => {
              const nanos = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
              return { ...rest, seconds: Number((time - nanos) / 1_000_000_000n), nanos: Number(nanos) };
            }),
          ),
        );
        for (const { time, line, app, metadata } of entries) {
          const labels = Labels.from([['app', app]]).toString();
          const stream = expected.get(labels) ?? [];
          stream.push({ timestampNs: String(time), line, metadata });
          expected.set(labels, stream);
        }
      }
      const bytes = encoded(builder);
      const streams = [...expected].map(([labels, entries]) => ({ labels, entries }));
      assert.deepEqual(readPushRequest(bytes), streams);
      assert.deepEqual(bytes, writePushRequest(streams));
    }),
  );
});
