import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Labels } from './labels.ts';

const set = Labels.fromRecord({ b: '2', a: '1' });

test('labels are sorted by name, and can be asked for', () => {
  assert.deepEqual(set.names, ['a', 'b']);
  assert.deepEqual(set.values, ['1', '2']);
  assert.deepEqual([...set], [['a', '1'], ['b', '2']]); // prettier-ignore
  assert.equal(set.size, 2);
  assert.deepEqual([set.get('a'), set.get('c'), set.has('b'), set.has('c')], ['1', undefined, true, false]);
  const twice = Labels.from([['a', 'first'], ['a', 'last']]); // prettier-ignore
  assert.deepEqual([...twice], [['a', 'last']]);
  assert.deepEqual([...Labels.from([])], []);
});

test('equal sets are the same object, however they were made', () => {
  // The one above may be forgotten by now.
  const kept = Labels.fromRecord({ b: '2', a: '1' });
  assert.equal(Labels.from([['b', '2'], ['a', '1']]), kept); // prettier-ignore
  assert.equal(Labels.empty.with('a', '1').with('b', '2'), kept);
  assert.equal(kept.with('a', 'x').with('a', '1'), kept);
  assert.equal(kept.with('c', '3').without('c'), kept);
  assert.equal(kept.with('a', '1'), kept);
  assert.equal(kept.without('missing'), kept);
  assert.equal(kept.filter(() => true), kept); // prettier-ignore
  assert.equal(Labels.fromRecord({}), Labels.empty);
  assert.equal(Labels.fromRecord({ a: '1' }).without('a'), Labels.empty);
});

test('a set does not change', () => {
  set.with('a', 'x');
  set.with('c', 'x');
  set.without('a');
  assert.deepEqual([...set], [['a', '1'], ['b', '2']]); // prettier-ignore
});

test('names and values cannot be taken for each other', () => {
  const sets = [
    { a: 'b', c: 'd' },
    { a: 'c', b: 'd' },
    { ab: '', c: 'd' },
    { a: '', bc: 'd' },
    { 'a", b="c': 'd' },
  ].map((record) => Labels.fromRecord(record));
  for (const one of sets) for (const other of sets) assert.equal(one.equals(other), one === other);
});

test('the text of a set is as Go writes it', () => {
  const cases: readonly [record: Readonly<Record<string, string>>, text: string][] = [
    [{}, '{}'],
    [{ app: 'my-app' }, '{app="my-app"}'],
    [{ b: '"\\\n', a: 'é\x00' }, String.raw`{a="é\x00", b="\"\\\n"}`],
    [{ 'pizza-flavour': 'x' }, '{pizza-flavour="x"}'],
  ];
  for (const [record, text] of cases) assert.equal(Labels.fromRecord(record).toString(), text);
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'é', '');
const value = fc.constantFrom('', '1', '2', 'a', 'é');
const step = fc.oneof(
  fc.record({ kind: fc.constant('with' as const), name, value }),
  fc.record({ kind: fc.constant('without' as const), name, value }),
  fc.record({ kind: fc.constant('filter' as const), name, value }),
);

test('any steps lead to what the same steps make of a plain object', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value), fc.array(step, { maxLength: 12 }), (start, steps) => {
      let labels = Labels.fromRecord(start);
      const plain = new Map(Object.entries(start));
      for (const one of steps) {
        if (one.kind === 'with') {
          labels = labels.with(one.name, one.value);
          plain.set(one.name, one.value);
        } else {
          labels = one.kind === 'without' ? labels.without(one.name) : labels.filter((other) => other !== one.name);
          plain.delete(one.name);
        }
      }
      assert.deepEqual(new Map(labels), new Map([...plain].toSorted(([a], [b]) => (a < b ? -1 : 1))));
      assert.equal(labels, Labels.from(plain));
    }),
  );
});

test('a label with a million values does not grow memory', async () => {
  const base = Labels.fromRecord({ app: 'web', namespace: 'default' });
  const lost = new WeakRef(base.with('request', 'first'));
  const before = base.with('request', 'kept');
  for (let index = 0; index < 1_000_000; index++) base.with('request', `value ${index}`);
  const after = base.with('request', 'kept');
  assert.notEqual(after, before, 'the tables have forgotten it');
  assert.ok(after.equals(before) && before.equals(after), 'and yet it equals what it was');
  assert.equal(before.toString(), after.toString());
  assert.equal(base.with('request', 'kept'), after);
  if (globalThis.gc === undefined) return;
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  assert.equal(lost.deref(), undefined);
});

test('sets that were forgotten can still be built upon', () => {
  const old = Labels.fromRecord({ app: 'old' });
  for (let index = 0; index < 100_000; index++) Labels.fromRecord({ app: `other ${index}` });
  const anew = Labels.fromRecord({ app: 'old' });
  assert.ok(old.equals(anew));
  assert.ok(old.with('x', 'y').equals(anew.with('x', 'y')));
  assert.ok(!old.equals(anew.with('x', 'y')));
  assert.ok(!old.with('x', 'y').equals(anew.with('x', 'z')));
});
