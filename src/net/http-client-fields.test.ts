import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsFrom, problemsWith } from '../testkit/arguments.ts';
import { checkHttpClient, httpClientFields } from './http-client-fields.ts';

function problemOf(text: string): string | undefined {
  const [problem] = problemsWith(httpClientFields, text);
  return problem ?? checkHttpClient(argumentsFrom(httpClientFields, text));
}

const tooManyMethods =
  'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured';

const wrong: readonly [text: string, problem: string][] = [
  ['bearer_token = "a"\nbearer_token_file = "b"', tooManyMethods],
  ['bearer_token = "a"\nbasic_auth { }', tooManyMethods],
  ['basic_auth { }\nauthorization { }', tooManyMethods],
  [
    'basic_auth {\n password = "a"\n password_file = "b"\n}',
    'at most one of password and password_file must be configured',
  ],
  [
    'authorization {\n credentials = "a"\n credentials_file = "b"\n}',
    'at most one of credentials and credentials_file must be configured',
  ],
  ['authorization {\n type = " Basic"\n}', 'authorization type cannot be "basic", use the basic_auth block'],
  ['oauth2 {\n token_url = "http://a"\n client_secret = "s"\n}', 'oauth2 needs a client_id'],
  ['oauth2 {\n client_id = "a"\n client_secret = "s"\n}', 'oauth2 needs a token_url'],
  [
    'oauth2 {\n client_id = "a"\n token_url = "http://a"\n}',
    'exactly one of client_secret and client_secret_file must be configured',
  ],
  [
    'oauth2 {\n client_id = "a"\n token_url = "http://a"\n client_secret = "s"\n no_proxy = "b"\n}',
    'no_proxy needs proxy_url',
  ],
  ['no_proxy = "a"', 'no_proxy needs proxy_url'],
  ['proxy_connect_header = {"a" = ["b"]}', 'proxy_connect_header needs proxy_url or proxy_from_environment'],
  [
    'proxy_url = "http://a"\nproxy_from_environment = true',
    'proxy_url must not be configured together with proxy_from_environment',
  ],
  [
    'proxy_from_environment = true\nno_proxy = "a"',
    'no_proxy must not be configured together with proxy_from_environment',
  ],
  ['tls_config {\n ca_pem = "a"\n ca_file = "b"\n}', 'at most one of ca_pem and ca_file must be configured'],
  ['tls_config {\n cert_pem = "a"\n}', 'a certificate needs one of key_pem and key_file'],
  ['tls_config {\n key_file = "a"\n}', 'a key needs one of cert_pem and cert_file'],
  ['http_headers = {"Authorization" = ["a"]}', 'header "Authorization" cannot be set'],
  ['http_headers = {"a b" = ["c"]}', '"a b" is not a valid header name'],
  ['http_headers = {"a" = ["b\\nc: d"]}', 'the value of header "a" has characters that headers cannot have'],
];
for (const [text, problem] of wrong) {
  test(`${text.replaceAll(/\s+/g, ' ')} is refused`, () => assert.equal(problemOf(text), problem));
}

const right: readonly string[] = [
  '',
  'bearer_token = ""\nbasic_auth {\n username = "a"\n password = "b"\n}',
  'oauth2 {\n client_id = "a"\n token_url = "http://a"\n client_secret_file = "s"\n}',
  'proxy_url = "http://a"\nno_proxy = "b"\nproxy_connect_header = {"a" = ["b"]}',
  'tls_config {\n cert_pem = "a"\n key_file = "b"\n min_version = "TLS13"\n}',
  'http_headers = {"X-Scope-OrgID" = ["a", "b"]}',
];
for (const text of right) {
  test(`${JSON.stringify(text)} is accepted`, () => assert.equal(problemOf(text), undefined));
}

test('a proxy is shown without its password', () => {
  const { proxy_url: proxy } = argumentsFrom(httpClientFields, 'proxy_url = "http://user:pass@proxy:1"');
  assert.equal(httpClientFields.proxy_url.type.encode(proxy), 'http://user:xxxxx@proxy:1/');
});
