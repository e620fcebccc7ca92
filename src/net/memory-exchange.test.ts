import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryRequest, MemoryResponse, MemoryServer } from '../base/memory-server.ts';
import { argumentsFrom } from '../testkit/arguments.ts';
import { serve } from '../testkit/test-server.ts';
import { httpClient } from './http-client.ts';
import { httpClientFields } from './http-client-fields.ts';
import type { HttpResponse } from './http-message.ts';

const response: MemoryResponse = { status: 200, headers: {}, body: Buffer.from('in memory'), isTruncated: false };

/** A server in memory that records what it is asked. */
function memoryServer(answer: (request: MemoryRequest) => Promise<MemoryResponse>) {
  const asked: MemoryRequest[] = [];
  const server: MemoryServer = {
    address: 'alloy.internal:12345',
    request(request) {
      asked.push(request);
      return answer(request);
    },
  };
  return { server, asked };
}

function ask(
  server: MemoryServer,
  url: string,
  config = '',
  { timeout = 1000, signal = new AbortController().signal } = {},
): Promise<HttpResponse> {
  const client = httpClient(argumentsFrom(httpClientFields, config), {
    userAgent: 'Test/1',
    variables: {},
    memoryServer: server,
  });
  const headers = { accept: 'text/plain', 'x-list': ['a', 'b'] };
  return client.request({ method: 'GET', url: new URL(url), headers, signal, timeout, maxResponseBytes: 100 });
}

test('what is sent to its address is answered in memory, with credentials and the settings of the client', async () => {
  const { server, asked } = memoryServer(() => Promise.resolve(response));
  const result = await ask(server, 'http://alloy.internal:12345/api/a%20b?c=d', 'bearer_token = "secret"');
  assert.equal(result.body.toString(), 'in memory');
  const [{ signal: _, ...request }] = asked as [MemoryRequest];
  assert.deepEqual(request, {
    method: 'GET',
    target: '/api/a%20b?c=d',
    maxResponseBytes: 100,
    body: undefined,
    headers: {
      'user-agent': 'Test/1',
      authorization: 'Bearer secret',
      accept: 'text/plain',
      'x-list': 'a, b',
      host: 'alloy.internal:12345',
    },
  });
});

test('the case of a host does not matter', async () => {
  const { server, asked } = memoryServer(() => Promise.resolve(response));
  await ask({ ...server, address: 'Alloy.Internal:80' }, 'http://alloy.INTERNAL/');
  assert.equal(asked.length, 1);
});

test('no other host, port or scheme leads there', async () => {
  const { server, asked } = memoryServer(() => Promise.resolve(response));
  const abort = new AbortController();
  abort.abort();
  for (const url of ['http://alloy.internal/', 'http://alloy.internal:12346/', 'https://alloy.internal:12345/'])
    await assert.rejects(ask(server, url, '', { signal: abort.signal }));
  await using other = await serve((_request, answer) => answer.end('over the network'));
  assert.equal((await ask(server, other.url.href)).body.toString(), 'over the network');
  assert.deepEqual(asked, []);
});

test('a proxy does not come in between', async () => {
  const { server } = memoryServer(() => Promise.resolve(response));
  const result = await ask(server, 'http://alloy.internal:12345/', 'proxy_url = "http://127.0.0.1:1"');
  assert.equal(result.status, 200);
});

test('an answer that does not come is waited for no longer than any other', async () => {
  const { server } = memoryServer(() => new Promise(() => undefined));
  await assert.rejects(ask(server, 'http://alloy.internal:12345/', '', { timeout: 5 }), { kind: 'timeout' });
});
