import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { argumentsFrom } from '../../testkit/arguments.ts';
import { expectedAuthorization } from '../../testkit/aws-signature.ts';
import { TokenServers } from '../../testkit/token-servers.ts';
import { cloudAuthFields } from './fields.ts';
import { sigv4Credentials } from './sigv4.ts';

function file(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'aws-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
}

const aroundHour = new Date(Date.now() + 3_600_000).toISOString();
const roleXml = (id: string): string =>
  `<R xmlns="x"><Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>rs</SecretAccessKey>
   <SessionToken>rt</SessionToken><Expiration>${aroundHour}</Expiration></Credentials></R>`;
const keyJson = (id: string): object => ({
  Code: 'Success',
  AccessKeyId: id,
  SecretAccessKey: 's',
  Token: 'session',
  Expiration: aroundHour,
});

/** The ID, the region and the session token that a request is signed with, by the arguments of `sigv4`. */
async function signer(servers: TokenServers, args: string, variables: Record<string, string>): Promise<string> {
  const { sigv4 } = argumentsFrom(cloudAuthFields, `sigv4 {\n${args}\n}`);
  assert.ok(sigv4);
  const credentials = sigv4Credentials(sigv4, servers.context(variables));
  const url = new URL('https://aps.example/api/v1/remote_write');
  const request = { method: 'POST', url, headers: { host: url.host }, body: Buffer.from('body') };
  const sign = async (): Promise<string> => {
    const headers = await credentials.headersFor(request, new AbortController().signal);
    const [, id = '', region = ''] = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(String(headers['authorization'])) ?? [];
    return [id, region, headers['x-amz-security-token'] ?? ''].join(' ').trim();
  };
  const first = await sign();
  const asked = servers.requests.length;
  assert.equal(await sign(), first);
  assert.equal(servers.requests.length, asked, 'a key is asked for once');
  return first;
}

const none = (): [number, object] => [404, {}];
const region = 'region = "eu-west-1"';

test('the key is looked for where AWS tools look for it, in their order', async (t) => {
  const keys = file(t, 'credentials', '[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n\n# more\n[other]\naws_access_key_id=OTHER\naws_secret_access_key=s\naws_session_token=tok\n'); // prettier-ignore
  const config = file(t, 'config', '[default]\nregion = us-file-1\n[profile other]\nregion = us-other-1\n[profile sso]\nsso_session = x\n[profile role]\nrole_arn = arn:r\nsource_profile = other\n'); // prettier-ignore
  const files = { AWS_SHARED_CREDENTIALS_FILE: keys, AWS_CONFIG_FILE: config };
  const variables = { AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 'tok', AWS_REGION: 'env-1' }; // prettier-ignore
  const given = 'access_key = "GIVEN"\nsecret_key = "s"';
  const cases: readonly [args: string, variables: Record<string, string>, signer: string][] = [
    [`${region}\n${given}`, { ...files, ...variables }, 'GIVEN eu-west-1'],
    [given, { ...files, ...variables }, 'GIVEN env-1'],
    [given, { ...files, AWS_DEFAULT_REGION: 'env-2' }, 'GIVEN env-2'],
    [given, files, 'GIVEN us-file-1'],
    ['', { ...files, ...variables }, 'ENV env-1 tok'],
    ['profile = "other"', { ...files, AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 's' }, 'OTHER us-other-1 tok'],
    ['', { ...files, AWS_PROFILE: 'other' }, 'OTHER us-other-1 tok'],
    ['', files, 'FILE us-file-1'],
    [`${region}\nprofile = "role"`, files, 'ROLE eu-west-1 rt'],
  ];
  await using servers = await TokenServers.start(({ form }) =>
    form['Action'] === 'AssumeRole' ? roleXml('ROLE') : none(),
  );
  for (const [args, all, expected] of cases) assert.equal(await signer(servers, args, all), expected);
  await assert.rejects(signer(servers, `${region}\nprofile = "sso"`, files), /"sso" has no key, .*is not supported$/);
  await assert.rejects(
    signer(servers, `${region}\nprofile = "x"`, files),
    /the AWS profile "x" is in none of the files/,
  );
  await assert.rejects(signer(servers, '', { HOME: '/nowhere' }), /sigv4 has no region/);
});

test('a role is assumed with a signed request, and its key signs', async () => {
  await using servers = await TokenServers.start(() => roleXml('ROLE'));
  const args = `${region}\naccess_key = "BASE"\nsecret_key = "secret"\nrole_arn = "arn:r"\nexternal_id = "e"`;
  assert.equal(await signer(servers, args, {}), 'ROLE eu-west-1 rt');
  const [request] = servers.requests;
  assert.ok(request);
  assert.equal(request.url.href, 'https://sts.eu-west-1.amazonaws.com/');
  const { Action, RoleArn, ExternalId, Version } = request.form;
  assert.deepEqual([Action, RoleArn, ExternalId, Version], ['AssumeRole', 'arn:r', 'e', '2011-06-15']);
  const { method, url, body } = request;
  const headers = { ...request.headers, host: url.host };
  assert.equal(headers.authorization, expectedAuthorization({ method, path: url.pathname, headers, body }, 'secret'));
  assert.match(headers.authorization, /Credential=BASE\/\d{8}\/eu-west-1\/sts\/.*SignedHeaders=content-length;content-type;host;/); // prettier-ignore
  await signer(servers, `${args}\nuse_fips_sts_endpoint = true`, {});
  assert.equal(servers.requests[1]?.url.host, 'sts-fips.eu-west-1.amazonaws.com');
});

test('why there is no key for a role is told, without secrets', async () => {
  await using servers = await TokenServers.start(() => [403, { hidden: 1 }]);
  const args = `${region}\naccess_key = "BASE"\nsecret_key = "secret"\nrole_arn = "arn:r"`;
  await assert.rejects(signer(servers, args, {}), {
    kind: 'credentials',
    message: 'no key for the role from https://sts.eu-west-1.amazonaws.com/: status 403',
  });
});

test('a web identity gives the key of its role', async (t) => {
  const token = file(t, 'token', 'jwt\n');
  await using servers = await TokenServers.start(() => roleXml('WEB'));
  const variables = { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: 'arn:w', AWS_ROLE_SESSION_NAME: 'me' };
  assert.equal(await signer(servers, region, variables), 'WEB eu-west-1 rt');
  const { Action, RoleArn, RoleSessionName, WebIdentityToken } = servers.requests[0]?.form ?? {};
  assert.deepEqual([Action, RoleArn, RoleSessionName, WebIdentityToken], ['AssumeRoleWithWebIdentity', 'arn:w', 'me', 'jwt']); // prettier-ignore
  assert.equal(servers.requests[0]?.headers.authorization, undefined);
});

test('containers and machines give out keys', async (t) => {
  const token = file(t, 'token', 'pod');
  await using servers = await TokenServers.start(({ method, url, headers }) => {
    switch (`${method} ${url.href}`) {
      case 'GET http://169.254.170.2/v2/x':
        return keyJson('ECS');
      case 'GET http://169.254.170.23/v1/credentials':
        return headers.authorization === 'pod' ? keyJson('EKS') : none();
      case 'PUT http://169.254.169.254/latest/api/token':
        return 'imds';
      case 'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/':
        return headers['x-aws-ec2-metadata-token'] === 'imds' ? 'my-role\n' : none();
      case 'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role':
        return keyJson('EC2');
      default:
        return none();
    }
  });
  const home = { HOME: '/nowhere' };
  const eks = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  };
  const ecs = { ...home, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' };
  assert.equal(await signer(servers, region, ecs), 'ECS eu-west-1 session');
  assert.equal(await signer(servers, region, { ...home, ...eks }), 'EKS eu-west-1 session');
  assert.equal(await signer(servers, region, home), 'EC2 eu-west-1 session');
  assert.ok(servers.requests.every(({ isLocal }) => isLocal));
  await assert.rejects(
    signer(servers, region, { ...home, AWS_EC2_METADATA_DISABLED: 'true' }),
    /no key of AWS was found/,
  );
});
