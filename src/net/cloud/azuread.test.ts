import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { argumentsFrom } from '../../testkit/arguments.ts';
import { TokenServers, type TokenServerAnswer } from '../../testkit/token-servers.ts';
import { azureCredentials } from './azuread.ts';
import { cloudAuthFields } from './fields.ts';

const id = '00000000-0000-0000-0000-00000000abcd';
const oauth = `oauth {\n client_id = "${id}"\n client_secret = "hidden"\n tenant_id = "t.example"\n}`;
const url = new URL('https://azure.example/write');
const request = { method: 'POST', url, headers: {}, body: undefined };

function credentialsFor(args: string, servers: TokenServers, variables: Record<string, string> = {}) {
  const { azuread } = argumentsFrom(cloudAuthFields, `azuread {\n${args}\n}`);
  assert.ok(azuread);
  const credentials = azureCredentials(azuread, servers.context(variables));
  const signal = new AbortController().signal;
  return { ...credentials, ask: async () => (await credentials.headersFor(request, signal))['authorization'] };
}

test('a token is asked for in each cloud, by each kind of identity', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'azure-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'token');
  writeFileSync(file, 'jwt\n');
  const workload = `workload_identity {\n client_id = "${id}"\n tenant_id = "t"\n token_file_path = "${file}"\n}`;
  const managed = (client: string): string => `managed_identity {\n client_id = "${client}"\n}`;
  const sdk = 'sdk {\n tenant_id = "s"\n}';
  const secret = { AZURE_TENANT_ID: 'e', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 'hidden' };
  const account = { AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: file };
  const app = { IDENTITY_ENDPOINT: 'http://app.local/msi/token', IDENTITY_HEADER: 'h' };
  const login = (host: string, tenant: string): string => `https://${host}/${tenant}/oauth2/v2.0/token`;
  const form = { grant_type: 'client_credentials', client_id: id, scope: 'https://monitor.azure.com//.default' };
  const bySecret = { ...form, client_secret: 'hidden' };
  const jwt = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const byAccount = { ...form, client_assertion_type: jwt, client_assertion: 'jwt' };
  const imds = 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=';
  const monitor = encodeURIComponent('https://monitor.azure.com/');
  const cases: readonly [args: string, variables: Record<string, string>, url: string, form: Record<string, string>][] =
    [
      [oauth, {}, login('login.microsoftonline.com', 't.example'), bySecret],
      [`cloud = "AzureChina"\n${oauth}`, {}, login('login.chinacloudapi.cn', 't.example'), { ...bySecret, scope: 'https://monitor.azure.cn//.default' }],
      [`cloud = "AzureGovernment"\n${oauth}`, {}, login('login.microsoftonline.us', 't.example'), { ...bySecret, scope: 'https://monitor.azure.us//.default' }],
      [`scope = "https://other/.default"\n${oauth}`, {}, login('login.microsoftonline.com', 't.example'), { ...bySecret, scope: 'https://other/.default' }],
      [workload, {}, login('login.microsoftonline.com', 't'), byAccount],
      [managed(id), {}, `${imds}${monitor}&client_id=${id}`, {}],
      [managed(''), {}, `${imds}${monitor}`, {}],
      [managed(''), app, `http://app.local/msi/token?api-version=2019-08-01&resource=${monitor}`, {}],
      [sdk, secret, login('login.microsoftonline.com', 'e'), { ...bySecret, client_id: 'c' }],
      [sdk, account, login('login.microsoftonline.com', 's'), { ...byAccount, client_id: 'c' }],
      [sdk, { AZURE_CLIENT_ID: 'c' }, `${imds}${monitor}&client_id=c`, {}],
      [sdk, {}, `${imds}${monitor}`, {}],
    ]; // prettier-ignore
  for (const [args, variables, expected, fields] of cases) {
    await using servers = await TokenServers.start(() => ({ token_type: 'Bearer', access_token: 'tok', expires_in: '3599' })); // prettier-ignore
    const credentials = credentialsFor(args, servers, variables);
    assert.equal(await credentials.ask(), 'Bearer tok');
    assert.equal(await credentials.ask(), 'Bearer tok');
    assert.equal(servers.requests.length, 1, 'a token is kept');
    const [{ url: asked, form: sent, isLocal, headers } = assert.fail()] = servers.requests;
    assert.equal(asked.href, expected);
    assert.deepEqual(sent, fields);
    assert.equal(isLocal, asked.protocol === 'http:');
    if (isLocal) assert.equal(headers['x-identity-header'] ?? headers['metadata'], variables === app ? 'h' : 'true');
  }
});

test('a token that expires, or that was not accepted, is asked for again', async () => {
  let count = 0;
  const expiries: readonly object[] = [
    { expires_in: 5 },
    { expires_on: String(Math.floor(Date.now() / 1000) + 5) },
    { expires_in: 3600 },
    { expires_in: 3600 },
  ];
  await using servers = await TokenServers.start(() => ({ access_token: `t${count}`, ...expiries[count++] }));
  const { ask, rejected } = credentialsFor(oauth, servers);
  assert.deepEqual([await ask(), await ask(), await ask(), await ask()], ['t0', 't1', 't2', 't2'].map((text) => `Bearer ${text}`)); // prettier-ignore
  rejected?.();
  assert.equal(await ask(), 'Bearer t3');
});

test('why there is no token is told, without secrets', async () => {
  const cases: readonly [answer: TokenServerAnswer, problem: string][] = [
    [[401, { error: 'invalid_client', error_description: 'AADSTS: hidden' }], 'status 401 (invalid_client)'],
    [[500, { error: 'a b' }], 'status 500'],
    ['<html>', 'the answer is not JSON'],
    [{}, 'the answer has no access_token'],
  ];
  for (const [answer, problem] of cases) {
    await using servers = await TokenServers.start(() => answer);
    await assert.rejects(credentialsFor(oauth, servers).ask(), {
      kind: 'credentials',
      message: `no token from https://login.microsoftonline.com/t.example/oauth2/v2.0/token: ${problem}`,
    });
  }
  await using servers = await TokenServers.start(() => ({}));
  const bad = { IDENTITY_ENDPOINT: 'x', IDENTITY_HEADER: 'h' };
  const managed = credentialsFor('managed_identity {\n client_id = ""\n}', servers, bad);
  await assert.rejects(managed.ask(), /IDENTITY_ENDPOINT does not hold a URL/);
});
