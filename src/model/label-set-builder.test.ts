import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { writeRequestV1 } from '../testkit/metrics-reference.ts';
import { decodeLabels, LabelCursor, valueOfLabel } from './encoded-labels.ts';
import { encodeLabels, LabelSetBuilder } from './label-set-builder.ts';
import { Labels } from './labels.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((one) => one.isWellFormed());
const anyLabels = fc.dictionary(text, text, { maxKeys: 50, noNullPrototype: true });

test('label sets are encoded as an independent library reads them, and decoded again', () => {
  fc.assert(
    fc.property(anyLabels, (record) => {
      const labels = Labels.fromRecord(record);
      const bytes = encodeLabels(labels);
      assert.ok(decodeLabels(bytes, 0, bytes.length).equals(labels));
      const size = Buffer.alloc(5);
      let at = 0;
      for (let rest = bytes.length; ; rest >>>= 7) {
        size[at++] = rest < 0x80 ? rest : (rest & 0x7f) | 0x80;
        if (rest < 0x80) break;
      }
      const request = writeRequestV1.decode(Buffer.concat([Buffer.from([0x0a]), size.subarray(0, at), bytes]));
      const [series] = request['timeseries'] as [{ labels?: { name: string; value: string }[] }];
      const pairs = (series.labels ?? []).map(({ name, value }): [string, string] => [name, value]);
      assert.ok(Labels.from(pairs).equals(labels));
      const names = pairs.map(([name]) => Buffer.from(name));
      assert.deepEqual(names.toSorted(Buffer.compare), names);
    }),
  );
});

test('labels are in the order of the bytes of their names', () => {
  // In UTF-16 the first would come behind the second.
  const bytes = encodeLabels(Labels.fromRecord({ '\uffee': '1', '😀': '2', a: '3', ab: '4' }));
  const cursor = new LabelCursor();
  const names: string[] = [];
  cursor.open(bytes, 0, bytes.length);
  while (cursor.next()) names.push(cursor.name);
  assert.deepEqual(names, ['a', 'ab', '\uffee', '😀']);
  assert.equal(valueOfLabel(bytes, 0, bytes.length, Buffer.from('ab')), '4');
});

test('labels with empty values are there until the set is encoded, and can be changed', () => {
  const builder = new LabelSetBuilder();
  const target = encodeLabels(Labels.fromRecord({ job: 'a', x: 'y' }));
  builder.addText('job', '');
  builder.addEncoded(target, 0, target.length);
  builder.addText('b', 'c');
  assert.equal(builder.valueOf(builder.sortNames()), 'a');
  builder.rename(builder.find(Buffer.from('job')), 'exported_job');
  assert.equal(builder.sortNames(), -1);
  builder.setValue(builder.find(Buffer.from('b')), 'd');
  builder.setValue(builder.find(Buffer.from('x')), '');
  assert.equal(builder.find(Buffer.from('none')), -1);
  const bytes = builder.encode();
  assert.equal(decodeLabels(bytes, 0, builder.encodedSize).toString(), '{b="d", job="a"}');
  builder.clear();
  builder.encode();
  assert.equal(builder.encodedSize, 0);
});

test('a set may have very many labels', () => {
  const record = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`l${(index * 7919) % 3000}`, `${index}`]),
  );
  const bytes = encodeLabels(Labels.fromRecord(record));
  assert.deepEqual(Object.fromEntries(decodeLabels(bytes, 0, bytes.length)), record);
});
