import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../../model/labels.ts';
import { Extracted, textOf, type ExtractedValue } from './extracted.ts';
import { Slots } from './slots.ts';

/** Extracted values of an entry with labels, for stages that know `a`, `b` and `c`, and perhaps read all names. */
function extractedOf(labels: Readonly<Record<string, string>>, options: { readsAll?: boolean } = {}) {
  const slots = new Slots();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => slots.reads(name)) as [number, number, number];
  if (options.readsAll === true) slots.readsAll();
  const extracted = new Extracted(slots, Labels.empty);
  extracted.reset(Labels.fromRecord(labels));
  return { extracted, a, b, c, all: () => Object.fromEntries(extracted.entries()) };
}

test('labels count as extracted until a stage writes the name', () => {
  const { extracted, a, b, c } = extractedOf({ a: 'label', b: 'label' });
  extracted.set(a, 5);
  assert.deepEqual([extracted.get(a), extracted.get(b), extracted.get(c)], [5, 'label', undefined]);
  extracted.set(a, null);
  assert.equal(extracted.get(a), null);
});

test('the next entry knows nothing of the one before', () => {
  const { extracted, a, b, all } = extractedOf({ a: 'label' }, { readsAll: true });
  extracted.set(b, 1);
  extracted.setByName('x', 2);
  extracted.reset(Labels.fromRecord({ b: 'other' }));
  assert.deepEqual([extracted.get(a), extracted.get(b)], [undefined, 'other']);
  assert.deepEqual(all(), { b: 'other' });
});

test('values under names that no stage has are kept only where some stage reads all', () => {
  for (const readsAll of [false, true]) {
    const { extracted, a, all } = extractedOf({ l: 'label' }, { readsAll });
    extracted.setByName('a', 1);
    extracted.setByName('x', 2);
    extracted.setByName('l', 3);
    assert.equal(extracted.get(a), 1);
    assert.deepEqual(all(), readsAll ? { a: 1, l: 3, x: 2 } : { a: 1, l: 'label' });
  }
});

test('an entry has a limited number of other names, of which the first keep being written', () => {
  const { extracted, all } = extractedOf({}, { readsAll: true });
  for (let index = 0; index < 2000; index++) extracted.setByName(`n${index}`, index);
  extracted.setByName('n0', 'again');
  extracted.setByName('n1999', 'again');
  assert.equal(Object.keys(all()).length, 1000);
  assert.equal(all()['n0'], 'again');
  assert.equal(all()['n1999'], undefined);
});

test('taking labels overwrites extracted values of their names, and leaves all others', () => {
  interface Case {
    readonly before: Readonly<Record<string, string>>;
    readonly written: Readonly<Record<string, ExtractedValue>>;
    readonly taken: Readonly<Record<string, string>>;
    readonly all: Readonly<Record<string, ExtractedValue>>;
  }
  const cases: readonly Case[] = [
    { before: { a: '1' }, written: {}, taken: { a: '1' }, all: { a: '1' } },
    { before: { a: '1' }, written: { a: 'x' }, taken: { a: '1' }, all: { a: '1' } },
    { before: { a: '1' }, written: { b: 'x' }, taken: { a: '1' }, all: { a: '1', b: 'x' } },
    { before: { a: '1' }, written: {}, taken: { a: '2', b: '3' }, all: { a: '2', b: '3' } },
    { before: { a: '1' }, written: {}, taken: {}, all: { a: '1' } },
    { before: { a: '1' }, written: { a: 'x' }, taken: {}, all: { a: 'x' } },
    { before: { a: '1' }, written: { a: null }, taken: {}, all: { a: null } },
    { before: { l: '1' }, written: { l: 'x' }, taken: { l: '1' }, all: { l: '1' } },
    { before: { l: '1' }, written: { l: 'x' }, taken: { l: '2' }, all: { l: '2' } },
    { before: { l: '1' }, written: { l: 'x' }, taken: {}, all: { l: 'x' } },
    { before: { l: '1' }, written: { l: 'x' }, taken: { m: '2' }, all: { l: 'x', m: '2' } },
    { before: { l: '1' }, written: {}, taken: { m: '2' }, all: { l: '1', m: '2' } },
    { before: {}, written: { m: 'x' }, taken: { m: '2' }, all: { m: '2' } },
  ];
  for (const { before, written, taken, all: expected } of cases) {
    const { extracted, all } = extractedOf(before, { readsAll: true });
    for (const [name, value] of Object.entries(written)) extracted.setByName(name, value);
    extracted.takeLabels(Labels.fromRecord(taken));
    assert.deepEqual(all(), expected, JSON.stringify({ before, written, taken }));
  }
});

test('labels can be taken more than once', () => {
  const { extracted, a, b, all } = extractedOf({ a: '1' }, { readsAll: true });
  extracted.takeLabels(Labels.fromRecord({ a: '2', l: '2' }));
  extracted.set(a, 'x');
  extracted.setByName('l', 'x');
  extracted.takeLabels(Labels.fromRecord({ b: '3' }));
  assert.deepEqual(all(), { a: 'x', b: '3', l: 'x' });
  assert.equal(extracted.get(b), '3');
  extracted.takeLabels(Labels.fromRecord({ a: '4', l: '4' }));
  assert.deepEqual(all(), { a: '4', b: '3', l: '4' });
});

test('a snapshot brings everything back', () => {
  const { extracted, a, b, c, all } = extractedOf({ a: '1', l: '2' }, { readsAll: true });
  extracted.set(b, true);
  extracted.set(c, null);
  extracted.setByName('x', 3);
  const before = all();
  const snapshot = extracted.snapshot();
  extracted.reset(Labels.fromRecord({ a: 'other', y: 'other' }));
  extracted.set(b, 'other');
  extracted.restore(snapshot);
  assert.deepEqual(all(), before);
  assert.deepEqual([extracted.get(a), extracted.get(b), extracted.get(c)], ['1', true, null]);
  extracted.takeLabels(Labels.fromRecord({ x: '9' }));
  assert.deepEqual(all(), { ...before, x: '9' });
});

test('values have the text that Alloy gives them', () => {
  const cases: readonly [value: ExtractedValue, text: string | undefined][] = [
    ['', ''],
    ['text', 'text'],
    [1, '1'],
    [2.02, '2.02'],
    [1562723913000, '1562723913000'],
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [123n, '123'],
    [true, 'true'],
    [false, 'false'],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [value, text] of cases) assert.equal(textOf(value), text);
});

test('a snapshot can be brought back again, whatever was written since', () => {
  const { extracted, all } = extractedOf({ l: 'label' }, { readsAll: true });
  extracted.setByName('x', 1);
  const snapshot = extracted.snapshot();
  for (let round = 0; round < 3; round++) {
    extracted.setByName('x', 2);
    extracted.setByName('y', 3);
    extracted.restore(snapshot);
    assert.deepEqual(all(), { l: 'label', x: 1 });
  }
});

test('a name is there once something was found for it, be it nothing', () => {
  const { extracted, a, b } = extractedOf({ a: 'label', l: 'label' }, { readsAll: true });
  extracted.set(b, null);
  extracted.setByName('x', 1);
  assert.deepEqual(
    ['a', 'b', 'c', 'l', 'x', 'y'].map((name) => extracted.has(name)),
    [true, true, false, true, true, false],
  );
  extracted.set(a, undefined);
  assert.equal(extracted.has('a'), false);
});
