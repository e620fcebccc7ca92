import assert from 'node:assert/strict';
import { test } from 'node:test';
import { userAgent } from './user-agent.ts';

test('the user agent tells the version, the system, and how the program was deployed if that is known', () => {
  const system = process.platform;
  assert.equal(userAgent('v1.2.3', {}), `Millrace/v1.2.3 (${system}; binary)`);
  assert.equal(userAgent('v1.2.3', { ALLOY_DEPLOY_MODE: 'helm' }), `Millrace/v1.2.3 (${system}; helm)`);
  assert.equal(userAgent('v1.2.3', { ALLOY_DEPLOY_MODE: 'x\r\ny' }), `Millrace/v1.2.3 (${system}; binary)`);
});
