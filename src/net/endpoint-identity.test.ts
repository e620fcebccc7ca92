import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../syntax/secret.ts';
import { identitiesOf, nameOf } from './endpoint-identity.ts';

const plain = { name: '', url: new URL('http://loki:3100/push'), timeout: 1, headers: new Map([['a', 'b']]) };

test('an endpoint without a name has one of its arguments', () => {
  assert.equal(nameOf({ ...plain, name: 'a' }), 'a');
  assert.match(nameOf(plain), /^[\da-f]{6}$/);
  const copy = { ...plain, headers: new Map(plain.headers) };
  assert.equal(nameOf(copy), nameOf(plain));
  const others = [{ timeout: 2 }, { headers: new Map([['a', 'c']]) }, { token: new Secret('x') }, { token: new Secret('y') }];
  const names = [plain, ...others.map((other) => ({ ...plain, ...other }))].map(nameOf);
  assert.equal(new Set(names).size, names.length);
}); // prettier-ignore

test('an identity depends on the name, or on URL and tenant, and can be the name of a folder', () => {
  const [first, second] = identitiesOf([plain, { ...plain, timeout: 2 }]);
  assert.match(first ?? '', /^loki_3100-[\da-f]{8}$/);
  assert.equal(second, `${first}-2`);
  const more = identitiesOf([
    { ...plain, tenant_id: 't' },
    { ...plain, url: new URL('http://loki:3100/other') },
    { ...plain, name: `../x/${'é'.repeat(300)}` },
  ]);
  assert.equal(new Set([first, ...more]).size, 4);
  for (const identity of more) assert.match(identity, /^[\w.-]{9,60}$/);
});
