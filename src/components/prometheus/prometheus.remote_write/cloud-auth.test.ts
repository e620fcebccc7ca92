import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { expectedAuthorization } from '../../../testkit/aws-signature.ts';
import { runRemoteWrite, sample, sendSamples, writeEndpoint } from '../../../testkit/remote-write.ts';
import { startWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { serve } from '../../../testkit/test-server.ts';
import { until } from '../../../testkit/until.ts';

const now = Date.now() - 60_000;

test('each request is signed for AWS, the retries too', async () => {
  await using receiver = await startWriteReceiver();
  receiver.answer([503]);
  const more = 'headers = {"X-Scope" = "é"}\nsigv4 {\n region = "eu-west-1"\n access_key = "ID"\n secret_key = "hidden"\n}'; // prettier-ignore
  await using c = await runRemoteWrite(writeEndpoint(receiver, more));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  await receiver.series(1);
  for (const request of receiver.requests) {
    const { headers } = request;
    assert.equal(headers.authorization, expectedAuthorization(request, 'hidden'));
    assert.match(headers.authorization, /Credential=ID\/\d{8}\/eu-west-1\/aps\/.*;content-type;host;.*;x-scope,/);
    assert.match(String(headers['x-amz-date']), /^\d{8}T\d{6}Z$/);
  }
  assert.equal(receiver.requests.length, 2);
  assert.ok(!JSON.stringify([c.logged, c.debugInfo()]).includes('hidden'));
});

test('requests carry a token of Google, and wait while there is none', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let asked = 0;
  await using tokens = await serve((_request, response) => {
    response.writeHead(asked++ === 0 ? 503 : 200).end(JSON.stringify({ access_token: 'tok', expires_in: 3600 }));
  });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = path.join(folder, 'key.json');
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(file, JSON.stringify({ type: 'service_account', client_email: 'me', private_key: key, token_uri: tokens.url.href })); // prettier-ignore

  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver, `google_iam {\n credentials_file = "${file}"\n}`));
  for (let at = 0; at < 3; at++) await sendSamples(c.exports.receiver, [sample('up', at, now + at)]).delivered;
  await receiver.series(3);
  assert.ok(receiver.requests.every(({ headers }) => headers.authorization === 'Bearer tok'));
  assert.equal(asked, 2);
  assert.ok(c.logged.some(({ fields }) => /no token from .*: status 503/.test(String(fields['error']))));
});

test('an identity that cannot be found is told, and nothing is lost', async () => {
  await using receiver = await startWriteReceiver();
  const broken = 'google_iam {\n credentials_file = "/nowhere/key.json"\n}';
  await using c = await runRemoteWrite(writeEndpoint(receiver, broken));
  await sendSamples(c.exports.receiver, [sample('up', 1, now)]).delivered;
  await until(() => /cannot read credentials_file: ENOENT/.test(JSON.stringify(c.debugInfo())));
  await c.update(writeEndpoint(receiver));
  await receiver.series(1);
  assert.equal(receiver.requests[0]?.headers.authorization, undefined);
});
