import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { internSeries, testSeries } from '../testkit/metric-samples.ts';
import { droppedSeries, SeriesMap } from './series-map.ts';
import { SeriesTable } from './series-table.ts';

/** A table whose time the test sets. */
function timedTable(options: { maxSeries?: number; lingerSeconds?: number } = {}): { table: SeriesTable; at: (time: number) => void } {
  let now = 0;
  const table = new SeriesTable({ maxSeries: 1000, lingerSeconds: 60, now: () => now, ...options });
  return { table, at: (time) => (now = time) };
} // prettier-ignore

const labels = (value: string): Record<string, string> => ({ __name__: 'm', value });
const findSeries = (table: SeriesTable, value: string): number => {
  const ref = internSeries(table, labels(value));
  table.release(ref);
  return ref;
};

test('equal label sets are one series, which gives its labels', () => {
  const table = testSeries();
  const ref = internSeries(table, { __name__: 'up', job: 'a', instance: 'é' });
  assert.equal(internSeries(table, { job: 'a', instance: 'é', __name__: 'up' }), ref);
  assert.notEqual(internSeries(table, { __name__: 'up', job: 'a' }), ref);
  assert.equal(table.labelsOf(ref).toString(), '{__name__="up", instance="é", job="a"}');
  assert.equal(table.valueOf(ref, Buffer.from('instance')), 'é');
  assert.equal(table.valueOf(ref, Buffer.from('instances')), undefined);
  assert.equal(table.size, 2);
});

test('a series that nobody needs lingers, and its number goes to another when it is reclaimed', () => {
  const { table, at } = timedTable();
  const ref = internSeries(table, labels('a'));
  table.retain(ref);
  table.release(ref);
  assert.equal(table.lingering, 0);
  table.release(ref);
  assert.equal(table.lingering, 1);
  at(59);
  assert.equal(internSeries(table, labels('a')), ref);
  assert.equal(table.lingering, 0);
  table.release(ref);
  at(118);
  table.closeLease(table.openLease());
  assert.equal(table.size, 1);
  at(119);
  table.closeLease(table.openLease());
  assert.equal(table.size, 0);
  assert.equal(table.generationOf(ref), 1);
  assert.equal(internSeries(table, labels('b')), ref);
  assert.throws(() => table.release(ref + 1), /nobody needs/);
});

test('a series that was reclaimed has no labels any more', () => {
  const { table, at } = timedTable();
  const ref = findSeries(table, 'a');
  assert.equal(table.labelsOf(ref).toString(), '{__name__="m", value="a"}');
  at(61);
  table.closeLease(table.openLease());
  assert.equal(table.labelsOf(ref).toString(), '{}');
});

test('nothing is reclaimed that a batch on its way may name', () => {
  const { table, at } = timedTable({ lingerSeconds: 0 });
  const ref = internSeries(table, labels('a'));
  at(10);
  const first = table.openLease();
  at(11);
  const second = table.openLease();
  table.release(ref);
  at(100);
  const later = table.openLease();
  table.closeLease(first);
  assert.equal(table.size, 1);
  table.closeLease(second);
  assert.equal(table.size, 0);
  assert.equal(table.openLeases, 1);
  table.closeLease(later);
});

test('a full table gives no series, and makes room of those that nobody needs', () => {
  const { table, at } = timedTable({ maxSeries: 2 });
  const ref = internSeries(table, labels('a'));
  internSeries(table, labels('b'));
  assert.equal(internSeries(table, labels('c')), 0);
  assert.equal(internSeries(table, labels('a')), ref);
  table.release(ref);
  table.release(ref);
  at(1);
  assert.equal(internSeries(table, labels('c')), ref);
  assert.equal(table.size, 2);
});

test('a target with ever new label values does not make the table grow without bound', () => {
  const { table, at } = timedTable({ maxSeries: 1_000_000 });
  let refs: number[] = [];
  let most = 0;
  for (let scrape = 0; scrape < 8; scrape++) {
    at(scrape * 15);
    const old = refs;
    refs = Array.from({ length: 15_000 }, (_, index) => internSeries(table, labels(`${scrape} ${index}`)));
    for (const ref of old) table.release(ref);
    for (let step = 0; step < 300; step++) table.closeLease(table.openLease());
    most = Math.max(most, table.size);
  }
  assert.ok(table.size <= 45_000, `${table.size} series`);
  assert.ok(most <= 45_000, `${most} series`);
});

test('a map from series to series has a share in its results, and forgets what was reclaimed', () => {
  const { table, at } = timedTable({ lingerSeconds: 0 });
  const map = new SeriesMap(table);
  const from = internSeries(table, labels('from'));
  const other = internSeries(table, labels('other'));
  assert.equal(map.get(from), 0);
  map.set(from, internSeries(table, labels('to')));
  map.set(other, droppedSeries);
  assert.equal(map.get(other), droppedSeries);
  assert.equal(map.size, 2);
  table.release(from);
  at(1);
  for (let step = 0; step < 3; step++) table.closeLease(table.openLease());
  assert.equal(map.size, 1);
  assert.equal(table.size, 1);
  map.set(other, internSeries(table, labels('x')));
  map.close();
  assert.equal(map.size, 0);
  assert.equal(table.size, 1);
});

test('a table is the same as a map from labels to counts of shares', () => {
  const step = fc.tuple(fc.boolean(), fc.nat({ max: 30 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { table, at } = timedTable({ lingerSeconds: 5 });
      const refs = new Map<string, number[]>();
      for (const [index, [isAdded, number]] of steps.entries()) {
        at(index);
        const value = String(number);
        const shares = refs.get(value) ?? [];
        if (isAdded) shares.push(internSeries(table, labels(value)));
        else if (shares.length > 0) table.release(shares.pop() ?? 0);
        refs.set(value, shares);
        table.closeLease(table.openLease());
      }
      for (const [value, shares] of refs) {
        if (shares.length === 0) continue;
        assert.equal(new Set(shares).size, 1);
        assert.equal(findSeries(table, value), shares[0]);
      }
      const needed = [...refs.values()].filter((shares) => shares.length > 0).length;
      assert.equal(table.size - table.lingering, needed);
    }),
    { numRuns: 100 },
  );
});
