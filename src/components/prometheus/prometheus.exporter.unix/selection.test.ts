import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenCollectors, type CollectorChoice } from './selection.ts';

const choose = (choice: Partial<CollectorChoice>): readonly string[] =>
  chosenCollectors({ set_collectors: [], disable_collectors: [], enable_collectors: [], ...choice });

test('by default, all that are supported run', () => {
  assert.equal(choose({}).length, 46);
  assert.ok(choose({}).includes('watchdog'));
});

const cases: readonly [title: string, choice: Partial<CollectorChoice>, chosen: readonly string[]][] = [
  ['a set replaces the default', { set_collectors: ['cpu', 'arp'] }, ['arp', 'cpu']],
  ['unknown names and those of other systems mean nothing', { set_collectors: ['cpu', 'devstat', 'x'] }, ['cpu']],
  ['some cannot be set', { set_collectors: ['cpu', 'watchdog', 'xfrm'] }, ['cpu']],
  ['a set of those is none', { set_collectors: ['watchdog'] }, []],
  ['but enabling them works', { set_collectors: ['cpu'], enable_collectors: ['watchdog'] }, ['cpu', 'watchdog']],
  ['disabling takes from a set', { set_collectors: ['cpu', 'arp'], disable_collectors: ['cpu'] }, ['arp']],
  [
    'enabling counts more than disabling',
    { set_collectors: ['arp'], disable_collectors: ['cpu'], enable_collectors: ['cpu'] },
    ['arp', 'cpu'],
  ],
  ['what is not supported yet can be chosen', { set_collectors: ['systemd'] }, ['systemd']],
];
for (const [title, choice, chosen] of cases) test(title, () => assert.deepEqual(choose(choice), chosen));
