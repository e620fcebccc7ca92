import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { lookupRandom } from './random-address.ts';

function look(host: string, all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookupRandom(host, { all }, (error, address) => (error === null ? resolve(address) : reject(error)));
  });
}

test('one address of a host is found, as one or as a list of one', async () => {
  const one = await look('localhost', false);
  assert.ok(typeof one === 'string' && isIP(one) > 0);
  const list = await look('localhost', true);
  assert.ok(Array.isArray(list) && list.length === 1 && isIP(list[0]?.address ?? '') > 0);
});

test('a host that is not there gives the error', async () => {
  await assert.rejects(look('no-such-host.invalid', true), /no-such-host/);
});
