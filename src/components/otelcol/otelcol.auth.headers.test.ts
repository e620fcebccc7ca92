import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OtlpClient } from '../../model/otlp-batch.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import type { AuthHeaders } from './auth-handler.ts';
import { otelcolAuthHeaders } from './otelcol.auth.headers.ts';

const sender: OtlpClient = {
  address: '127.0.0.1',
  metadata: new Map([
    ['x-tenant', ['shop']],
    ['x-many', ['a', 'b']],
  ]),
  auth: new Map([['username', 'me']]),
};

async function headersOf(
  config: string,
  headers: Readonly<Record<string, string>> = {},
  client: OtlpClient | undefined = sender,
): Promise<AuthHeaders | undefined> {
  await using c = await runComponent(otelcolAuthHeaders, config);
  const request = { method: 'POST', url: new URL('http://localhost/'), headers, body: undefined, client };
  return await c.exports.handler.client?.headersFor(request, new AbortController().signal);
}

const header = (key: string, rest: string): string => `header {\n  key = "${key}"\n  ${rest}\n}\n`;

test('a value may be given', async () => {
  assert.deepEqual(await headersOf(header('X-Scope-OrgID', 'value = "grüße"')), {
    'x-scope-orgid': Buffer.from('grüße').toString('latin1'),
  });
});

test('a value may come from the request that brought the telemetry', async () => {
  const config = header('X-Scope-OrgID', 'from_context = "X-Tenant"');
  assert.deepEqual(await headersOf(config), { 'x-scope-orgid': 'shop' });
});

test('a value may come from what is known of the sender', async () => {
  assert.deepEqual(await headersOf(header('X-User', 'from_attribute = "username"')), { 'x-user': 'me' });
});

test('a header without its value in the request is empty', async () => {
  const config = header('a', 'from_context = "nothing"') + header('b', 'from_attribute = "nothing"');
  assert.deepEqual(await headersOf(config), { a: '', b: '' });
  assert.deepEqual(await headersOf(config, {}, undefined), { a: '', b: '' });
});

test('of two values in the request none is taken', async () => {
  await assert.rejects(headersOf(header('a', 'from_context = "x-many"')), {
    name: 'HttpError',
    message: '2 values of x-many came with the telemetry, want one',
  });
});

const actions: readonly (readonly [action: string, onAbsent: AuthHeaders, onPresent: AuthHeaders])[] = [
  ['upsert', { a: 'new' }, { a: 'new' }],
  ['insert', { a: 'new' }, {}],
  ['update', {}, { a: 'new' }],
  ['delete', { a: undefined }, { a: undefined }],
];

for (const [action, onAbsent, onPresent] of actions) {
  test(`the action ${action} minds whether the header is there`, async () => {
    const config = header('A', `value = "new"\n  action = "${action}"`);
    assert.deepEqual(await headersOf(config, {}), onAbsent);
    assert.deepEqual(await headersOf(config, { a: 'old' }), onPresent);
  });
}

test('headers are set one after the other', async () => {
  const config =
    header('a', 'value = "1"\n  action = "insert"') +
    header('a', 'value = "2"\n  action = "update"') +
    header('b', 'value = "3"\n  action = "delete"') +
    header('b', 'value = "4"\n  action = "insert"');
  assert.deepEqual(await headersOf(config, { b: 'old' }), { a: '2', b: '4' });
});

const mistakes: readonly (readonly [config: string, problem: RegExp])[] = [
  [header('', 'value = "x"'), /key must be set to a non-empty string/],
  [header('a b', 'value = "x"'), /key must be the name of a header/],
  [header('a', ''), /one of value, from_context, or from_attribute must be provided/],
  [header('a', 'action = "delete"'), /one of value, from_context, or from_attribute must be provided/],
  [header('a', 'value = "x"\n  from_context = "y"'), /only one of value, from_context, or from_attribute/],
  [header('a', 'value = "x"\n  action = "append"'), /is "append", want one of/],
];

for (const [config, problem] of mistakes) {
  test(`${JSON.stringify(config)} is refused`, () => {
    const problems = problemsOf(otelcolAuthHeaders, config);
    assert.equal(problems.length, 1);
    assert.match(String(problems[0]), problem);
  });
}

test('it cannot authenticate for servers', async () => {
  await using c = await runComponent(otelcolAuthHeaders, header('a', 'value = "x"'));
  assert.equal(c.exports.handler.server, undefined);
});
