import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { entriesOf, type LogBatch } from '../../model/log-batch.ts';
import { logBatch, LogBatchBuilder } from '../../model/log-batch-builder.ts';
import { withValidText } from './valid-text.ts';

test('a batch of valid text stays the same', () => {
  const entry = { line: 'ä €', seconds: 1, nanos: 2, labels: Labels.empty, metadata: [] };
  const batch = logBatch([entry, { ...entry, line: '😀' }], 0) as LogBatch;
  assert.equal(withValidText(batch), batch);
});

test('only what is broken is replaced, and everything else of the entries stays', () => {
  const lines = ['ok', 'a\xffb', '', '\xe2\x82'].map((text) => Buffer.from(text, 'latin1'));
  const arena = Buffer.concat(lines);
  const builder = new LogBatchBuilder();
  builder.start(arena, 7);
  let at = 0;
  for (const [index, line] of lines.entries()) {
    builder.add(at, at + line.length, index, 5, Labels.fromRecord({ n: String(index % 2) }));
    builder.addPair('name', `value ${index}`);
    at += line.length;
  }
  const before = builder.finish() as LogBatch;
  const after = withValidText(before);
  assert.deepEqual(
    [...entriesOf(after)].map(({ line }) => line),
    ['ok', 'a\ufffdb', '', '\ufffd'],
  );
  const rest = (batch: LogBatch) =>
    [...entriesOf(batch)].map((entry) => ({ ...entry, line: undefined, labels: entry.labels.toString() }));
  assert.deepEqual(rest(after), rest(before));
  assert.equal(after.readAt, 7);
});
