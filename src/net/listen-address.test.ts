import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../base/parse-error.ts';
import { parseListenAddress, showListenAddress } from './listen-address.ts';

const valid: readonly [text: string, host: string, port: number][] = [
  ['127.0.0.1:12345', '127.0.0.1', 12345],
  [':80', '', 80],
  ['localhost:0', 'localhost', 0],
  ['[::1]:65535', '::1', 65535],
];
for (const [text, host, port] of valid) {
  test(`${text} is an address`, () => {
    assert.deepEqual(parseListenAddress(text), { host, port });
    assert.equal(showListenAddress({ host, port }), text);
  });
}

for (const text of ['', '80', 'host', 'host:', 'host:65536', '::1:80', '[::1]', '[host]:80', 'host:80x']) {
  test(`${JSON.stringify(text)} is no address`, () => assert.ok(parseListenAddress(text) instanceof ParseError));
}
