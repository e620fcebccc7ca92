import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteBuilder } from '../base/byte-builder.ts';
import { ResponseReader } from './response-reader.ts';

interface Read {
  readonly status: number;
  readonly body: string;
  readonly isDone: boolean;
  readonly keepsConnection: boolean;
  /** What came after the response. */
  readonly rest: string;
}

/** Reads a response that comes in pieces, and then ends with the connection. */
function read(text: string, cuts: readonly number[] = [], method = 'GET', maxBytes = 1000): Read {
  const reader = new ResponseReader(method, maxBytes, undefined);
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...cuts, bytes.length].toSorted((a, b) => a - b);
  let at = 0;
  for (const end of ends) at = reader.read(bytes, at, Math.max(at, end));
  const { keepsConnection } = reader;
  reader.end();
  const { status, body } = reader.response;
  return { status, body: body.toString('latin1'), isDone: reader.isDone, keepsConnection, rest: text.slice(at) };
}

function statusOf(text: string): readonly [number, string, boolean, boolean, string] | string {
  try {
    const { status, body, isDone, keepsConnection, rest } = read(text);
    return [status, body, isDone, keepsConnection, rest];
  } catch (error) {
    return String(error);
  }
}

const responses: readonly [
  name: string,
  text: string,
  expected: readonly [number, string, boolean, boolean, string],
][] = [
  ['with its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', [200, 'hello', true, true, '']],
  ['without a body', 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n', [200, '', true, true, '']],
  ['without a reason', 'HTTP/1.1 503\r\nContent-Length: 1 \r\n\r\nx', [503, 'x', true, true, '']],
  ['that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nall of it', [200, 'all of it', true, false, '']],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', [200, 'x', true, false, '']],
  [
    'of HTTP/1.0 that keeps the connection',
    'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx',
    [200, 'x', true, true, ''],
  ],
  [
    'that closes the connection',
    'HTTP/1.1 200 OK\r\nConnection: upgrade, close\r\nContent-Length: 1\r\n\r\nx',
    [200, 'x', true, false, ''],
  ],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n00A\r\n, everyone\r\n0\r\n\r\n',
    [200, 'hello, everyone', true, true, ''],
  ],
  [
    'in chunks with a trailer',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\nmore',
    [200, 'x', true, true, 'more'],
  ],
  [
    'in chunks and with a length',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    [200, 'x', true, false, ''],
  ],
  [
    'after others that are none yet',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    [204, '', true, true, ''],
  ],
  ['that was not modified', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', [304, '', true, true, '']],
  ['with bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', [200, 'ok', true, true, '']],
  ['with something behind it', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP', [200, 'ok', true, true, 'HTTP']],
  ['that is cut off', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel', [200, 'hel', false, true, '']],
  [
    'that is cut off in a chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
    [200, 'hel', false, true, ''],
  ],
];
for (const [name, text, expected] of responses) {
  test(`a response ${name} is read`, () => {
    assert.deepEqual(statusOf(text), expected);
    for (let cut = 0; cut <= text.length; cut++) {
      const { status, body, isDone, rest } = read(text, [cut]);
      assert.deepEqual([status, body, isDone], expected.slice(0, 3), `cut at ${cut}`);
      assert.ok(text.endsWith(rest));
    }
  });
}

const mistakes: readonly [text: string, error: RegExp][] = [
  ['HTTP/2 200 OK\r\n\r\n', /does not answer in HTTP\/1/],
  ['HTTP/1.1 99 OK\r\n\r\n', /does not answer in HTTP\/1/],
  ['SSH-2.0-OpenSSH\r\n', /does not answer in HTTP\/1/],
  ['HTTP/1.1 101 Switching Protocols\r\n\r\n', /another protocol/],
  ['HTTP/1.1 200 OK\r\nno header\r\n\r\n', /header that is none/],
  ['HTTP/1.1 200 OK\r\na b: c\r\n\r\n', /header that is none/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /two lengths/],
  ['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', /length "-1"/],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n', /length "1, 1"/],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', /chunk of the response has no length/],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n', /longer than it says/],
  [`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`, /too long/],
  [`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(4000)}`, /too long/],
];
for (const [text, error] of mistakes)
  test(`${JSON.stringify(text.slice(0, 80))} is refused`, () => assert.match(String(statusOf(text)), error));

test('fields are got by their names in lower case, and those that come twice are joined where that makes sense', () => {
  const reader = new ResponseReader('GET', 10, undefined);
  const lines = ['A: 1', 'a:  2 ', 'Set-Cookie: x', 'set-cookie: y', 'Location: /one', 'Location: /two', 'B: c', ' d'];
  const text = Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  reader.read(text, 0, text.length);
  const { a, b, location, 'set-cookie': cookies } = reader.headers;
  assert.deepEqual([a, b, location, cookies], ['1, 2', 'c d', '/one', ['x', 'y']]);
});

test('nothing follows a response to a HEAD, and of a body no more is kept than is wanted', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
  assert.deepEqual(read(text, [], 'HEAD'), { status: 200, body: '', isDone: true, keepsConnection: true, rest: '' });
  const reader = new ResponseReader('GET', 3, undefined);
  const bytes = Buffer.from(`${text}hello`);
  reader.read(bytes, 0, bytes.length);
  assert.deepEqual(reader.response.body.toString(), 'hel');
  assert.deepEqual([reader.response.isTruncated, reader.received], [true, 5]);
});

test('a body is put into memory that is given, and no memory is taken for what only is announced', () => {
  const into = new ByteBuilder();
  for (const body of ['first', 'second one']) {
    const reader = new ResponseReader('GET', 1e12, into);
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    reader.read(bytes, 0, bytes.length);
    assert.equal(reader.response.body.toString(), body);
    assert.equal(reader.response.body.buffer, into.reserve(0).buffer);
  }
  const reader = new ResponseReader('GET', 1e12, into);
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nx');
  reader.read(bytes, 0, bytes.length);
  assert.ok(into.reserve(0).length <= 1024 * 1024);
});

test('whatever comes, it ends or is an error', () => {
  const part = fc.constantFrom(
    'HTTP/1.1 200 OK',
    '\r\n',
    '\n',
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    '3',
    'abc',
    '0',
    ': ',
    'ffffffffffff',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(part, fc.string({ maxLength: 5 })), { maxLength: 30 }),
      fc.array(fc.nat(100)),
      (all, cuts) => {
        const text = Buffer.from(all.join('')).toString('latin1');
        const ends = cuts.filter((cut) => cut <= text.length);
        const [whole, cut] = [[], ends].map((at) => {
          try {
            return read(text, at);
          } catch (error) {
            return String(error);
          }
        });
        assert.deepEqual(cut, whole);
      },
    ),
  );
});
