import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsFrom } from '../testkit/arguments.ts';
import { httpClientFields } from './http-client-fields.ts';
import { httpClientIdentity } from './http-client-identity.ts';

const identity = (text: string) => httpClientIdentity(argumentsFrom(httpClientFields, text));

test('settings that are the same have the same identity, and others, also other secrets, have not', () => {
  const texts = [
    '',
    'bearer_token = "a"',
    'bearer_token = "b"',
    'basic_auth {\nusername = "u"\npassword = "a"\n}',
    'basic_auth {\nusername = "u"\npassword = "b"\n}',
    'proxy_url = "http://a:1"',
    'proxy_url = "http://b:1"',
    'http_headers = {x = ["a"]}',
    'http_headers = {x = ["b"]}',
    'tls_config {\ninsecure_skip_verify = true\n}',
    'follow_redirects = false',
  ];
  for (const text of texts) assert.equal(identity(text), identity(text));
  assert.equal(new Set(texts.map(identity)).size, texts.length);
});
