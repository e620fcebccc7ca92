import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxRecordSize } from './byte-arena.ts';
import { ByteTable } from './byte-table.ts';

const add = (table: ByteTable, text: string): number => {
  const bytes = Buffer.from(`xyz${text}xyz`);
  return table.add(bytes, 3, bytes.length - 3);
};
const find = (table: ByteTable, text: string): number => {
  const bytes = Buffer.from(`xyz${text}xyz`);
  return table.find(bytes, 3, bytes.length - 3);
};
const keyOf = (table: ByteTable, slot: number): string =>
  table.bytesOf(slot).toString('latin1', table.startOf(slot), table.endOf(slot));

test('keys have slots, counted from 1 on, and the same key the same slot', () => {
  const table = new ByteTable(100);
  assert.deepEqual(
    ['', 'a', 'ab', 'abcd', 'abcde', 'a', ''].map((key) => add(table, key)),
    [1, 2, 3, 4, 5, 2, 1],
  );
  assert.equal(table.size, 5);
  assert.equal(find(table, 'abcd'), 4);
  assert.equal(find(table, 'abce'), 0);
  assert.equal(keyOf(table, 5), 'abcde');
  table.delete(4);
  table.delete(4);
  assert.ok(!table.has(4) && table.has(5));
  assert.equal(find(table, 'abcd'), 0);
  assert.equal(add(table, 'other'), 4);
});

test('whether bytes begin with a key is told', () => {
  const table = new ByteTable(100);
  const slot = add(table, 'abcdefg');
  const bytes = Buffer.from('..abcdefgh');
  assert.ok(table.isAt(slot, bytes, 2, bytes.length));
  assert.ok(table.isAt(slot, bytes, 2, 9));
  assert.ok(!table.isAt(slot, bytes, 2, 8));
  assert.ok(!table.isAt(slot, bytes, 1, bytes.length));
  assert.ok(!table.isAt(slot, Buffer.from('abcdefx'), 0, 7));
  assert.ok(!table.isAt(0, bytes, 2, bytes.length));
});

test('a full table and a key that is too long get no slot', () => {
  const table = new ByteTable(2);
  assert.equal(add(table, 'x'.repeat(maxRecordSize)), 0);
  assert.equal(add(table, 'x'.repeat(maxRecordSize - 4)), 1);
  assert.equal(add(table, 'b'), 2);
  assert.equal(add(table, 'c'), 0);
  table.delete(1);
  assert.equal(add(table, 'c'), 1);
});

test('a table is the same as a map, whatever is added and deleted', () => {
  const step = fc.tuple(fc.boolean(), fc.nat({ max: 300 }), fc.nat({ max: 60 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 800 }), (steps) => {
      const table = new ByteTable(1000);
      const model = new Map<string, number>();
      for (const [isAdded, number, length] of steps) {
        const key = `${number}:${'v'.repeat(length)}`;
        if (isAdded) {
          const slot = add(table, key);
          assert.equal(model.get(key) ?? slot, slot);
          model.set(key, slot);
        } else {
          table.delete(model.get(key) ?? 0);
          model.delete(key);
        }
      }
      assert.equal(table.size, model.size);
      assert.equal(new Set(model.values()).size, model.size);
      for (const [key, slot] of model) {
        assert.equal(find(table, key), slot);
        assert.equal(keyOf(table, slot), key);
        assert.ok(slot < table.capacity);
      }
      table.clear();
      assert.equal(table.size, 0);
      assert.equal(add(table, 'again'), 1);
    }),
    { numRuns: 50 },
  );
});

test('the memory of a table follows the keys that it has, not those that it had', () => {
  const table = new ByteTable(1_000_000);
  const key = (number: number): string => `http_requests_total{path="/${number}/${'x'.repeat(100)}"}`;
  const slots: number[] = [];
  for (let number = 0; number < 5000; number++) slots.push(add(table, key(number)));
  const { byteSize } = table;
  for (let number = 5000; number < 200_000; number++) {
    const at = (number * 7919) % slots.length;
    table.delete(slots[at] ?? 0);
    slots[at] = add(table, key(number));
  }
  assert.equal(table.size, 5000);
  assert.ok(table.byteSize < 2.5 * byteSize, `${byteSize} became ${table.byteSize}`);
  for (const slot of slots) table.delete(slot);
  assert.ok(table.byteSize < byteSize / 2, `${byteSize} became ${table.byteSize}`);
});
