import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowed } from './stability.ts';

test('a feature is allowed if it is at least as settled as the minimum', () => {
  assert.equal(isAllowed('generally-available', 'generally-available'), true);
  assert.equal(isAllowed('public-preview', 'generally-available'), false);
  assert.equal(isAllowed('experimental', 'public-preview'), false);
  assert.equal(isAllowed('public-preview', 'public-preview'), true);
  assert.equal(isAllowed('experimental', 'experimental'), true);
});
