import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfter } from './retry-after.ts';

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const cases: [string | undefined, number | undefined][] = [
    ['3', 3000],
    [' 120 ', 120_000],
    ['0', 0],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Fri, 02 Jan 2026 03:04:00 GMT', 0],
    ['soon', undefined],
    ['-1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, wait] of cases) assert.equal(retryAfter(header, now), wait, header);
});
