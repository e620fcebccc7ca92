import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLabels } from '../../../model/encoded-labels.ts';
import { LabelSetBuilder } from '../../../model/label-set-builder.ts';
import { Labels } from '../../../model/labels.ts';
import { TargetLabels, type LabelSettings } from './series-labels.ts';

const settings: LabelSettings = {
  honorLabels: false,
  nameScheme: 'legacy',
  maxLabels: 0,
  maxNameSize: 0,
  maxValueSize: 0,
};

type LabelRecord = Readonly<Record<string, string>>;

function complete(target: LabelRecord, exposed: LabelRecord, more: Partial<LabelSettings> = {}) {
  const builder = new LabelSetBuilder();
  for (const [name, value] of Object.entries(exposed)) builder.addText(name, value);
  const refused = new TargetLabels(Labels.fromRecord(target)).complete(builder, { ...settings, ...more });
  if (refused !== undefined) return refused.message;
  const bytes = builder.encode();
  return Object.fromEntries(decodeLabels(bytes, 0, builder.encodedSize));
}

const m = { __name__: 'm' };

test('labels of the target count more, and exposed ones get another name', () => {
  const cases: readonly [target: LabelRecord, exposed: LabelRecord, want: LabelRecord][] = [
    [{ a: '1' }, m, { ...m, a: '1' }],
    [{ a: '1' }, { ...m, b: '2' }, { ...m, a: '1', b: '2' }],
    [{ a: '1' }, { ...m, a: '2' }, { ...m, a: '1', exported_a: '2' }],
    [{ a: '1' }, { ...m, a: '' }, { ...m, a: '1' }],
    [{ a: '1' }, { ...m, a: '2', exported_a: '3' }, { ...m, a: '1', exported_a: '3', exported_exported_a: '2' }],
    [
      { a: '1', exported_a: '0' },
      { ...m, a: '2' },
      { ...m, a: '1', exported_a: '0', exported_exported_a: '2' },
    ],
    [{ a: '1' }, { ...m, a: '2', exported_a: '' }, { ...m, a: '1', exported_a: '2' }],
    [
      { a: '1', exported_a: '2' },
      { ...m, a: '3', exported_a: '4' },
      { ...m, a: '1', exported_a: '2', exported_exported_a: '3', exported_exported_exported_a: '4' },
    ],
  ];
  for (const [target, exposed, want] of cases) assert.deepEqual(complete(target, exposed), want);
});

test('exposed labels count more if they are honored, and an empty one keeps a label away', () => {
  const honorLabels = true;
  assert.deepEqual(complete({ a: '1', b: '2' }, { ...m, a: '3' }, { honorLabels }), { ...m, a: '3', b: '2' });
  assert.deepEqual(complete({ a: '1', b: '2' }, { ...m, a: '' }, { honorLabels }), { ...m, b: '2' });
});

test('names are those that Prometheus had for long, or any', () => {
  assert.equal(complete({}, { a: 'b' }), 'a series has no name');
  assert.equal(complete({}, { __name__: '' }), 'a series has no name');
  assert.equal(complete({}, { __name__: 'a.b' }), 'invalid metric name "a.b"');
  assert.equal(complete({}, { ...m, 'a:b': 'c' }), 'invalid label name "a:b" of the metric "m"');
  assert.deepEqual(complete({}, { __name__: 'a:b' }), { __name__: 'a:b' });
  const both = { __name__: 'a.b', 'é:': 'c' };
  assert.deepEqual(complete({}, both, { nameScheme: 'utf8' }), both);
});

test('limits are in bytes, and count the name and the labels of the target', () => {
  const at = { ...m, ab: 'é' };
  assert.deepEqual(complete({ x: 'y' }, at, { maxLabels: 3, maxNameSize: 8, maxValueSize: 2 }), { ...at, x: 'y' });
  assert.equal(
    complete({ x: 'y' }, at, { maxLabels: 2 }),
    'label_limit exceeded (metric: "m", number of labels: 3, limit: 2)',
  );
  assert.equal(
    complete({}, at, { maxValueSize: 1 }),
    'label_value_length_limit exceeded (metric: "m", label name: "ab", value: "é", length: 2, limit: 1)',
  );
});
