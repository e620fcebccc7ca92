import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpHeaders } from '../http-message.ts';
import { signedHeaders } from './aws-signature.ts';

const key = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: '' };
const token =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

test('requests are signed as in the examples that AWS has published', () => {
  const cases: readonly [method: string, target: string, headers: HttpHeaders, names: string, signature: string][] = [
    ['GET', '/', {}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['POST', '/', {}, 'host;x-amz-date', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    ['POST', '/?Param1=value1', {}, 'host;x-amz-date', '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11'],
    ['GET', '/?Param1=value1', {}, 'host;x-amz-date', 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb'],
    ['GET', '/?Param1=value2&Param1=Value1', {}, 'host;x-amz-date', 'eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1'],
    ['GET', '/?Param2=value2&Param1=value1', {}, 'host;x-amz-date', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'],
    ['GET', '/./example', {}, 'host;x-amz-date', 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5'],
    ['GET', '/example1/example2/../..', {}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['GET', '/', { 'my-header1': ['value4', 'value1', 'value3', 'value2'] }, 'host;my-header1;x-amz-date', '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01'],
    ['GET', '/', { 'my-header1': ['value2', 'value2', 'value1'] }, 'host;my-header1;x-amz-date', 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea'],
    ['POST', '/', { 'x-amz-security-token': token }, 'host;x-amz-date;x-amz-security-token', '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead'],
  ]; // prettier-ignore
  for (const [method, target, headers, names, signature] of cases) {
    const url = new URL(`https://example.amazonaws.com${target}`);
    const request = { method, url, body: undefined, headers: { host: url.host, 'x-amz-date': '20150830T123600Z', ...headers } }; // prettier-ignore
    const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
    assert.deepEqual(signedHeaders(request, { key, region: 'us-east-1', service: 'service' }), {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`,
    });
  }
});

test('what is needed for a signature is added, and headers that change on the way are left out', () => {
  const url = new URL('https://aps.example/write');
  const headers = { host: url.host, 'user-agent': 'x', 'uber-trace-id': '1', 'content-type': 'a/b' };
  const request = { method: 'POST', url, headers, body: Buffer.from('abc') };
  const signed = signedHeaders(request, { key: { ...key, sessionToken: 't' }, region: 'eu-west-1', service: 'aps' });
  assert.deepEqual(Object.keys(signed).toSorted(), [
    'authorization',
    'content-length',
    'x-amz-date',
    'x-amz-security-token',
  ]);
  assert.deepEqual([signed['content-length'], signed['x-amz-security-token']], ['3', 't']);
  const names = 'content-length;content-type;host;x-amz-date;x-amz-security-token';
  assert.match(String(signed['authorization']), RegExp(`/eu-west-1/aps/aws4_request, SignedHeaders=${names}, `));
});
