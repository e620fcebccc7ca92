import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsFrom } from '../../../testkit/arguments.ts';
import { identitiesOf, nameOf, pairUp } from './endpoint-name.ts';
import { writeFields } from './fields.ts';

function endpointsOf(...texts: readonly string[]) {
  const blocks = texts.map((text) => `endpoint {\n${text}\n}`);
  return argumentsFrom(writeFields, blocks.join('\n')).endpoint;
}

const url = 'url = "http://loki:3100/push"';

test('an endpoint without a name has one of its arguments', () => {
  const [named, plain, same, other] = endpointsOf(`${url}\nname = "a"`, url, url, `${url}\nbatch_wait = "2s"`).map(nameOf);
  assert.equal(named, 'a');
  assert.match(plain ?? '', /^[\da-f]{6}$/);
  assert.equal(plain, same);
  assert.notEqual(plain, other);
}); // prettier-ignore

test('an identity depends on the name, or on URL and tenant, and can be the name of a folder', () => {
  const [first, second] = identitiesOf(endpointsOf(url, `${url}\nbatch_wait = "2s"`));
  assert.match(first ?? '', /^loki_3100-[\da-f]{8}$/);
  assert.equal(second, `${first}-2`);
  const more = identitiesOf(endpointsOf(`${url}\ntenant_id = "t"`, 'url = "http://loki:3100/other"', `${url}\nname = "../x/${'é'.repeat(300)}"`));
  assert.equal(new Set([first, ...more]).size, 4);
  for (const identity of more) assert.match(identity, /^[\w.-]{9,60}$/);
}); // prettier-ignore

test('what was changed is paired with what is left over', () => {
  const cases: readonly [before: string, wanted: string, pairs: readonly (string | undefined)[]][] = [
    ['', 'a', [undefined]],
    ['a b', 'b a', ['b', 'a']],
    ['a b', 'b', ['b']],
    ['a b', 'c b', ['a', 'b']],
    ['a b', 'b c d', ['b', 'a', undefined]],
    ['a b', 'c d', ['a', 'b']],
  ];
  const list = (text: string) => text.split(' ').filter((word) => word !== '');
  for (const [before, wanted, pairs] of cases) assert.deepEqual(pairUp(list(before), list(wanted)), pairs);
});
