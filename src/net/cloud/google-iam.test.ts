import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { argumentsFrom } from '../../testkit/arguments.ts';
import { TokenServers } from '../../testkit/token-servers.ts';
import { cloudAuthFields } from './fields.ts';
import { googleCredentials } from './google-iam.ts';

const scope = 'https://www.googleapis.com/auth/monitoring.write';
const url = new URL('https://monitoring.example/write');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  type: 'service_account',
  client_email: 'me@project.example',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  private_key_id: 'k1',
  token_uri: 'https://tokens.example/token',
};

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'google-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function fileFor(t: TestContext, content: unknown): string {
  const file = path.join(folderFor(t), 'credentials.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function asker(file: string, servers: TokenServers, variables: Record<string, string> = {}) {
  const { google_iam: args } = argumentsFrom(cloudAuthFields, `google_iam {\n credentials_file = "${file}"\n}`);
  assert.ok(args);
  const credentials = googleCredentials(args, servers.context(variables));
  const request = { method: 'POST', url, headers: {}, body: undefined };
  return () => credentials.headersFor(request, new AbortController().signal);
}

const bearer = { access_token: 'tok', expires_in: 3600, token_type: 'Bearer' };
const authorized = { authorization: 'Bearer tok' };

test('a service account shows with its key who it is, and a rotated file is used at once', async (t) => {
  await using servers = await TokenServers.start(() => bearer);
  const file = fileFor(t, account);
  const ask = asker(file, servers);
  assert.deepEqual(await ask(), authorized);
  assert.deepEqual(await ask(), authorized);
  assert.equal(servers.requests.length, 1);
  const [{ url: asked, form } = assert.fail()] = servers.requests;
  assert.equal(asked.href, account.token_uri);
  assert.equal(form['grant_type'], 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header = '', claims = '', signature = ''] = form['assertion']?.split('.') ?? [];
  const read = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
  assert.deepEqual(read(header), { alg: 'RS256', typ: 'JWT', kid: 'k1' });
  const { iat, exp, ...rest } = read(claims) as { iat: number; exp: number };
  assert.deepEqual(rest, { iss: account.client_email, scope, aud: account.token_uri });
  assert.equal(exp - iat, 3600);
  const signed = Buffer.from(`${header}.${claims}`);
  assert.ok(verify('RSA-SHA256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url')));

  writeFileSync(file, JSON.stringify({ ...account, private_key_id: 'k2 is another one', quota_project_id: 'q' }));
  assert.deepEqual(await ask(), { ...authorized, 'x-goog-user-project': 'q' });
  assert.equal(servers.requests.length, 2);
});

test('users are known by a refresh token', async (t) => {
  await using servers = await TokenServers.start(() => bearer);
  const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' };
  assert.deepEqual(await asker(fileFor(t, user), servers)(), authorized);
  const [{ url: asked, form } = assert.fail()] = servers.requests;
  assert.equal(asked.href, 'https://oauth2.googleapis.com/token');
  assert.deepEqual(form, { grant_type: 'refresh_token', client_id: 'c', client_secret: 's', refresh_token: 'r' });
});

test('a token of another provider is exchanged, and then for that of a service account', async (t) => {
  const expireTime = new Date(Date.now() + 3_600_000).toISOString();
  await using servers = await TokenServers.start(({ url: { host } }) => {
    if (host === 'idp.example') return { value: 'subject' };
    return host === 'sts.googleapis.com' ? bearer : { accessToken: 'account', expireTime };
  });
  const common = { type: 'external_account', audience: '//iam/x', subject_token_type: 'urn:jwt' };
  const plain = { ...common, credential_source: { file: fileFor(t, 'from file\n') } };
  assert.deepEqual(await asker(fileFor(t, plain), servers)(), authorized);
  const { subject_token: token, audience, scope: wanted } = servers.requests[0]?.form ?? {};
  assert.deepEqual([token, audience, wanted], ['from file', '//iam/x', scope]);

  const format = { type: 'json', subject_token_field_name: 'value' };
  const whole = {
    ...common,
    credential_source: { url: 'https://idp.example/token', headers: { 'X-Key': 'v' }, format },
    service_account_impersonation_url: 'https://iam.example/me:generateAccessToken',
  };
  servers.requests.length = 0;
  assert.deepEqual(await asker(fileFor(t, whole), servers)(), { authorization: 'Bearer account' });
  const [source, exchange, last] = servers.requests;
  assert.deepEqual([source?.url.href, source?.headers['x-key']], ['https://idp.example/token', 'v']);
  assert.deepEqual(
    [exchange?.form['subject_token'], exchange?.form['scope']],
    ['subject', 'https://www.googleapis.com/auth/cloud-platform'],
  );
  assert.deepEqual([last?.method, last?.headers.authorization], ['POST', 'Bearer tok']);
  assert.deepEqual(JSON.parse(String(last?.body)), { scope: [scope], lifetime: '3600s' });
});

test('without a file, credentials are looked for where tools of Google do', async (t) => {
  const home = folderFor(t);
  await using servers = await TokenServers.start(() => bearer);
  assert.deepEqual(await asker('', servers, { HOME: home })(), authorized);
  assert.deepEqual(await asker('', servers, { GCE_METADATA_HOST: 'meta.local:80' })(), authorized);
  const [machine, other] = servers.requests;
  const target = '/computeMetadata/v1/instance/service-accounts/default/token';
  assert.equal(machine?.url.href, `http://metadata.google.internal${target}?scopes=${encodeURIComponent(scope)}`);
  assert.deepEqual([machine.isLocal, machine.headers['metadata-flavor']], [true, 'Google']);
  assert.equal(other?.url.host, 'meta.local');

  mkdirSync(path.join(home, '.config', 'gcloud'), { recursive: true });
  const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'home' };
  writeFileSync(path.join(home, '.config', 'gcloud', 'application_default_credentials.json'), JSON.stringify(user));
  await asker('', servers, { HOME: home })();
  assert.equal(servers.requests.at(-1)?.form['refresh_token'], 'home');
  const named = fileFor(t, { ...user, refresh_token: 'named' });
  await asker('', servers, { HOME: home, GOOGLE_APPLICATION_CREDENTIALS: named })();
  assert.equal(servers.requests.at(-1)?.form['refresh_token'], 'named');
});

test('credentials that cannot be used are told, without secrets', async (t) => {
  await using servers = await TokenServers.start(() => [400, { error: 'invalid_grant' }]);
  const cases: readonly [file: string, problem: RegExp][] = [
    ['/nowhere/x.json', /^cannot read credentials_file: ENOENT/],
    [fileFor(t, 'no JSON'), /^the credentials of Google are not JSON$/],
    [fileFor(t, { type: 'odd' }), /^credentials of Google of the type "odd" are not supported$/],
    [
      fileFor(t, { ...account, private_key: 'hidden' }),
      /^cannot sign with the key of the service account: (?!.*hidden)/,
    ],
    [fileFor(t, { ...account, token_uri: 'x' }), /^token_uri in the credentials of Google is not a URL$/],
    [fileFor(t, account), /^no token from https:\/\/tokens.example\/token: status 400 \(invalid_grant\)$/],
    [fileFor(t, { type: 'external_account' }), /names neither a file nor a URL$/],
  ];
  for (const [file, message] of cases) await assert.rejects(asker(file, servers)(), { kind: 'credentials', message });
});
