import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../testkit/until.ts';
import { LookSchedule, type Looker } from './look-schedule.ts';

/** Someone who writes down a name when looking. */
function looker(looks: string[], name: string, wait = 1e9): Looker {
  return {
    look() {
      looks.push(name);
      return Promise.resolve(wait);
    },
  };
}

test('everyone looks at once, and again after the time they ask for', async (t) => {
  const schedule = new LookSchedule();
  t.after(() => schedule.close());
  const looks: string[] = [];
  schedule.add(looker(looks, 'late', 80));
  schedule.add(looker(looks, 'soon', 20));
  schedule.add(looker(looks, 'never'));
  await until(() => looks.filter((name) => name === 'late').length === 2);
  assert.deepEqual(looks.slice(0, 4), ['late', 'soon', 'never', 'soon']);
  assert.equal(looks.filter((name) => name === 'never').length, 1);
});

test('who is hurried looks earlier, also when that comes while looking', async (t) => {
  const schedule = new LookSchedule();
  t.after(() => schedule.close());
  const looks: string[] = [];
  const idle = looker(looks, 'idle');
  const busy: Looker = {
    look() {
      if (looks.push('busy') === 2) schedule.hurry(busy, 0);
      return Promise.resolve(1e9);
    },
  };
  schedule.add(idle);
  schedule.add(busy);
  await until(() => looks.length === 3);
  schedule.hurry(idle, 10);
  schedule.hurry(idle, 1e9);
  await until(() => looks.length === 4);
  assert.deepEqual(looks, ['idle', 'busy', 'busy', 'idle']);
});

test('who is removed looks no more', async (t) => {
  const schedule = new LookSchedule();
  t.after(() => schedule.close());
  const looks: string[] = [];
  const gone = looker(looks, 'gone', 10);
  schedule.add(gone);
  schedule.add(looker(looks, 'other', 10));
  schedule.remove(gone);
  schedule.hurry(gone, 0);
  await until(() => looks.filter((name) => name === 'other').length === 3);
  assert.deepEqual(looks[0], 'gone');
  assert.equal(looks.filter((name) => name === 'gone').length, 1);
});

test('only so many look at the same time, and all of them in the end', async (t) => {
  const schedule = new LookSchedule();
  t.after(() => schedule.close());
  let looking = 0;
  let most = 0;
  let count = 0;
  for (let index = 0; index < 500; index++) {
    schedule.add({
      async look() {
        most = Math.max(most, ++looking);
        await new Promise((resolve) => setImmediate(resolve));
        looking--;
        count++;
        return 1e9;
      },
    });
  }
  await until(() => count === 500);
  assert.ok(most <= 32);
});
