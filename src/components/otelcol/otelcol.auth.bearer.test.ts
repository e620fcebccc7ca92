import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { AuthRefusal } from './auth-handler.ts';
import { otelcolAuthBearer } from './otelcol.auth.bearer.ts';

const request = {
  method: 'POST',
  url: new URL('http://localhost/'),
  headers: {},
  body: undefined,
  client: undefined,
};

const cases: readonly (readonly [config: string, headers: Readonly<Record<string, string>>])[] = [
  ['token = "abc"', { authorization: 'Bearer abc' }],
  ['token = "abc\\n"', { authorization: 'Bearer abc' }],
  ['token = "abc"\nscheme = "Token"', { authorization: 'Token abc' }],
  ['token = "abc"\nscheme = ""', { authorization: 'abc' }],
  ['token = "abc"\nheader = "X-API-Key"\nscheme = ""', { 'x-api-key': 'abc' }],
];

for (const [config, headers] of cases) {
  test(`clients with ${JSON.stringify(config)} send ${JSON.stringify(headers)}, which servers let in`, async () => {
    await using c = await runComponent(otelcolAuthBearer, config);
    const { client, server } = c.exports.handler;
    assert.deepEqual(await client?.headersFor(request, new AbortController().signal), headers);
    assert.deepEqual(await server?.authenticate(headers, undefined), new Map());
  });
}

const refusals: readonly (readonly [headers: Readonly<Record<string, string>>, message: string])[] = [
  [{}, 'missing or empty authorization header: Authorization'],
  [{ authorization: 'Bearer other' }, 'scheme or token does not match'],
  [{ authorization: 'abc' }, 'scheme or token does not match'],
  [{ authorization: 'bearer abc' }, 'scheme or token does not match'],
  [{ authorization: '' }, 'scheme or token does not match'],
];

for (const [headers, message] of refusals) {
  test(`servers refuse ${JSON.stringify(headers)}: ${message}`, async () => {
    await using c = await runComponent(otelcolAuthBearer, 'token = "abc"');
    const answer = await c.exports.handler.server?.authenticate(headers, undefined);
    assert.ok(answer instanceof AuthRefusal);
    assert.equal(answer.message, message);
  });
}

test('a header without a possible name, and no token, are refused', () => {
  assert.deepEqual(problemsOf(otelcolAuthBearer, 'token = "a"\nheader = "a b"'), [
    'test.alloy:2:10: header must be the name of a header, got "a b"',
  ]);
  assert.match(String(problemsOf(otelcolAuthBearer, '')), /token/);
});
