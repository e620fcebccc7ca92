import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hashOfWords, WordTable } from './word-table.ts';

const keyOf = (number: number): Int32Array => Int32Array.of(7, number << 24, number >> 8, -1);
const find = (table: WordTable, key: Int32Array): number => table.find(key, hashOfWords(key));
const add = (table: WordTable, key: Int32Array): number => table.add(key, hashOfWords(key));

test('keys have slots, counted from 1 on', () => {
  const table = new WordTable(4, 2);
  assert.deepEqual([add(table, keyOf(1)), add(table, keyOf(2)), add(table, keyOf(3))], [1, 2, 0]);
  assert.deepEqual([find(table, keyOf(1)), find(table, keyOf(2)), find(table, keyOf(3))], [1, 2, 0]);
  assert.deepEqual([table.wordOf(2, 0), table.wordOf(2, 1), table.wordOf(2, 3)], [7, 2 << 24, -1]);
  table.delete(1);
  assert.deepEqual([table.size, find(table, keyOf(1)), add(table, keyOf(3))], [1, 0, 1]);
  table.clear();
  assert.deepEqual([table.size, find(table, keyOf(2)), add(table, keyOf(4))], [0, 0, 1]);
});

test('it holds what a map holds, whatever comes and goes', () => {
  const step = fc.tuple(fc.constantFrom('add', 'delete', 'find'), fc.integer({ min: 0, max: 300 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1000 }), (steps) => {
      const table = new WordTable(4, Infinity);
      const slots = new Map<number, number>();
      for (const [action, number] of steps) {
        const key = keyOf(number);
        const slot = slots.get(number) ?? 0;
        assert.equal(find(table, key), slot);
        if (action === 'add' && slot === 0) slots.set(number, add(table, key));
        else if (action === 'delete' && slot !== 0) {
          table.delete(slot);
          slots.delete(number);
        }
      }
      assert.equal(new Set(slots.values()).size, table.size);
      for (const [number, slot] of slots) {
        assert.ok(slot > 0 && slot < table.capacity);
        assert.equal(find(table, keyOf(number)), slot);
      }
    }),
  );
});
