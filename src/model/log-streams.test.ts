import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchOf, entriesIn } from '../testkit/log-entries.ts';
import { Labels } from './labels.ts';
import { mapStreams } from './log-streams.ts';

const batch = batchOf(
  { line: 'one', labels: { app: 'a' }, metadata: { n: '1' } },
  { line: 'two', labels: { app: 'b' }, time: '2030-01-01T00:00:00.5Z' },
  { line: 'three', labels: { app: 'a' } },
  { line: 'four', labels: { app: 'c' }, metadata: { n: '4' } },
);

test('every stream is mapped once, and everything else is shared', () => {
  const seen: string[] = [];
  const mapped = mapStreams(batch, (labels) => {
    seen.push(labels.get('app') ?? '');
    return labels.with('new', 'x');
  });
  assert.ok(mapped);
  assert.deepEqual(seen, ['a', 'b', 'c']);
  assert.deepEqual(
    entriesIn([mapped]),
    entriesIn([batch]).map((entry) => ({ ...entry, labels: { ...entry.labels, new: 'x' } })),
  );
  assert.equal(mapped.bytes, batch.bytes);
  assert.equal(mapped.seconds, batch.seconds);
});

test('entries whose stream becomes nothing are left out', () => {
  const without = (app: string) => {
    const mapped = mapStreams(batch, (labels) => (labels.get('app') === app ? undefined : labels));
    return entriesIn(mapped === undefined ? [] : [mapped]);
  };
  const all = entriesIn([batch]);
  assert.deepEqual(without('a'), [all[1], all[3]]);
  assert.deepEqual(without('b'), [all[0], all[2], all[3]]);
  assert.deepEqual(without('c'), [all[0], all[1], all[2]]);
  assert.equal(mapStreams(batch, () => undefined), undefined); // prettier-ignore
});

test('streams may become the same', () => {
  const same = Labels.fromRecord({ same: 'x' });
  const mapped = mapStreams(batch, (labels) => (labels.get('app') === 'b' ? undefined : same));
  assert.deepEqual(
    entriesIn(mapped === undefined ? [] : [mapped]).map(({ line, labels }) => [line, labels]),
    ['one', 'three', 'four'].map((line) => [line, { same: 'x' }]),
  );
});
