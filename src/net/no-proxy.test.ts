import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noProxyRule } from './no-proxy.ts';

const cases: readonly [list: string, url: string, isDirect: boolean][] = [
  ['', 'http://example.com', false],
  ['', 'http://localhost:3000', true],
  ['', 'http://127.1.2.3', true],
  ['', 'http://[::1]:80', true],
  ['*', 'http://example.com', true],
  ['example.com', 'http://example.com', true],
  ['example.com', 'http://a.example.com', true],
  ['example.com', 'http://notexample.com', false],
  ['Example.COM', 'http://EXAMPLE.com', true],
  ['.example.com', 'http://example.com', false],
  ['.example.com', 'http://a.example.com', true],
  ['*.example.com', 'http://a.b.example.com', true],
  ['*.example.com', 'http://example.com', false],
  ['example.com:8080', 'http://example.com:8080', true],
  ['example.com:8080', 'http://example.com', false],
  ['example.com:80', 'http://example.com', true],
  ['example.com:443', 'https://example.com', true],
  [' a , ,b ', 'http://b', true],
  ['10.0.0.0/8', 'http://10.200.3.4:9090', true],
  ['10.0.0.0/8', 'http://11.0.0.1', false],
  ['10.0.0.0/33', 'http://10.0.0.1', false],
  ['10.0.0.1', 'http://10.0.0.1', true],
  ['10.0.0.1:81', 'http://10.0.0.1', false],
  ['fd00::/8', 'http://[fd12::1]', true],
  ['fd12::1', 'http://[fd12::1]', true],
  ['[fd12::1]:81', 'http://[fd12::1]:81', true],
  ['[fd12::1]:81', 'http://[fd12::1]', false],
];
for (const [list, url, isDirect] of cases) {
  test(`with "${list}", ${url} is reached ${isDirect ? 'directly' : 'through the proxy'}`, () => {
    assert.equal(noProxyRule(list)(new URL(url)), isDirect);
  });
}
