import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { ByteBudget } from '../base/byte-budget.ts';
import { serve } from '../testkit/test-server.ts';
import { until } from '../testkit/until.ts';
import { readRawBody, type BodyProblem } from './raw-body.ts';

const maxBytes = 1000;

/** Starts a server that reads bodies; what it has read, or why not, comes out in order. */
async function startReader(budget = new ByteBudget(10_000)) {
  const results: (Buffer | BodyProblem | Error)[] = [];
  const server = await serve((request, response) => {
    const memory = budget.open();
    const exchange = { request, signal: new AbortController().signal, receivedBytes: 0 };
    readRawBody(exchange, { maxBytes, memory }).then(
      (result) => {
        results.push(result);
        response.end();
        request.resume();
      },
      (error: Error) => results.push(error),
    );
  });
  return {
    url: server.url.href,
    port: Number(server.url.port),
    results,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function chunked(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk)));
}

test('bodies are read as they come, with and without their length', async () => {
  await using reader = await startReader();
  await fetch(reader.url, { method: 'POST', body: 'announced' });
  await fetch(reader.url, { method: 'POST', body: chunked('in ', 'parts'), duplex: 'half' });
  await fetch(reader.url, { method: 'POST' });
  assert.deepEqual(reader.results.map(String), ['announced', 'in parts', '']);
});

test('what is too large is not read, whether it says so or not', async () => {
  await using reader = await startReader();
  await fetch(reader.url, { method: 'POST', body: 'x'.repeat(maxBytes + 1) });
  await fetch(reader.url, { method: 'POST', body: chunked('x'.repeat(maxBytes), 'x'), duplex: 'half' });
  assert.deepEqual(reader.results, ['too large', 'too large']);
});

test('what there is no memory for is not read', async () => {
  await using reader = await startReader(new ByteBudget(10));
  await fetch(reader.url, { method: 'POST', body: 'x'.repeat(11) });
  await fetch(reader.url, { method: 'POST', body: chunked('x'.repeat(11)), duplex: 'half' });
  assert.deepEqual(reader.results, ['no memory', 'no memory']);
});

test('a body that is announced and does not come takes no memory, and its end is an error', async () => {
  const budget = new ByteBudget(500);
  await using reader = await startReader(budget);
  const socket = net.connect(reader.port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\nfew bytes');
  await until(() => budget.used > 0);
  assert.equal(budget.used, 9);
  socket.destroy();
  await until(() => reader.results.length === 1);
  assert.match(String(reader.results[0]), /the connection has broken/);
});
