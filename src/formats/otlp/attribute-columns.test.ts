import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttributeColumns, LookedUpNames } from './attribute-columns.ts';

function find(columns: AttributeColumns, name: string): number {
  const bytes = Buffer.from(`..${name}`);
  return columns.find(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 2, bytes.length);
}

test('names have columns of their own, whoever looks them up', () => {
  const columns = new AttributeColumns();
  const names = ['', 'a', 'abc', 'abd', 'abcd', 'abce', 'http.method', 'http.target', 'x'.repeat(300)];
  const first = new LookedUpNames(names);
  const second = new LookedUpNames(['abce', 'other', 'abce']);
  columns.use(first);
  assert.deepEqual([...first.columns], [...names.keys()]);
  columns.use(second);
  assert.deepEqual([...second.columns], [5, 9, 5]);
  for (const [column, name] of names.entries()) assert.equal(find(columns, name), column, name);
  for (const name of ['b', 'abb', 'abcf', 'bbcd', 'http.metho_', '_ttp.method', 'x'.repeat(301), 'x'.repeat(5000)])
    assert.equal(find(columns, name), -1, name);
  assert.equal(columns.count, 10);
});

test('names that nobody looks up any more lose their columns', () => {
  const columns = new AttributeColumns();
  const [gone, kept] = [new LookedUpNames(['gone']), new LookedUpNames(['kept'])];
  columns.use(gone);
  for (let batch = 0; batch < 3000; batch++) {
    columns.forgetUnused();
    columns.use(kept);
    assert.equal(find(columns, 'kept'), kept.columns[0]);
  }
  assert.deepEqual([columns.count, find(columns, 'gone')], [1, -1]);
  columns.use(gone);
  assert.equal(find(columns, 'gone'), gone.columns[0]);
  assert.equal(find(columns, 'kept'), kept.columns[0]);
});
