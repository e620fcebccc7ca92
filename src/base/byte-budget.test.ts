import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';

test('reservations share the limit, and give back what they have', () => {
  const budget = new ByteBudget(10);
  const first = budget.open();
  const second = budget.open();
  assert.ok(first.take(6) && second.take(4));
  assert.ok(!second.take(1));
  assert.equal(budget.used, 10);
  first.giveBack(2);
  assert.ok(second.take(2));
  first.release();
  first.release();
  assert.equal(budget.used, 6);
  second.release();
  assert.equal(budget.used, 0);
});

test('a lower limit takes nothing from those who have something', () => {
  const budget = new ByteBudget(10);
  const reservation = budget.open();
  assert.ok(reservation.take(8));
  budget.limit = 5;
  assert.ok(!reservation.take(1));
  reservation.giveBack(4);
  assert.ok(reservation.take(1));
});
