import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { until } from '../../testkit/until.ts';
import { AuthRefusal, type AuthHandler } from './auth-handler.ts';
import { otelcolAuthBasic } from './otelcol.auth.basic.ts';

const request = {
  method: 'POST',
  url: new URL('http://localhost/'),
  headers: {},
  body: undefined,
  client: undefined,
};

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

async function headerOf(handler: AuthHandler): Promise<unknown> {
  const headers = await handler.client?.headersFor(request, new AbortController().signal);
  return headers?.['authorization'];
}

/** What is known of the sender, or why it is refused. */
async function answerTo(handler: AuthHandler, authorization?: string): Promise<unknown> {
  const answer = await handler.server?.authenticate(authorization === undefined ? {} : { authorization }, '127.0.0.1');
  return answer instanceof AuthRefusal ? answer.message : answer && Object.fromEntries(answer);
}

async function withFolder(work: (file: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'auth-basic-'));
  try {
    await work((name) => path.join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('clients send a username and a password', async () => {
  await using c = await runComponent(
    otelcolAuthBasic,
    'client_auth {\n  username = "grüße"\n  password = "geheim:x"\n}',
  );
  const { handler } = c.exports;
  assert.equal(await headerOf(handler), basic('grüße:geheim:x'));
  assert.equal(handler.server, undefined);
});

test('the username and password of both sides work for clients and servers', async () => {
  await using c = await runComponent(otelcolAuthBasic, 'username = "a"\npassword = "b"');
  const { handler } = c.exports;
  assert.equal(await headerOf(handler), basic('a:b'));
  assert.deepEqual(await answerTo(handler, basic('a:b')), { username: 'a', raw: 'YTpi' });
});

test('client_auth counts more than the username and password of both sides, which servers let in too', async () => {
  const config = `
    username = "a"
    password = "b"
    client_auth {
      username = "c"
      password = "d"
    }
    htpasswd {
      inline = "a:other\\ne:f"
    }`;
  await using c = await runComponent(otelcolAuthBasic, config);
  const { handler } = c.exports;
  assert.equal(await headerOf(handler), basic('c:d'));
  assert.deepEqual(await answerTo(handler, basic('a:b')), { username: 'a', raw: 'YTpi' });
  assert.equal(await answerTo(handler, basic('a:other')), 'invalid credentials');
  assert.deepEqual(await answerTo(handler, basic('e:f')), { username: 'e', raw: 'ZTpm' });
  assert.equal(await answerTo(handler, basic('c:d')), 'invalid credentials');
});

test('files count more than texts, without the line break at their end, and their changes count at once', async () => {
  await withFolder(async (file) => {
    await writeFile(file('user'), 'me\n');
    await writeFile(file('password'), 'first\n');
    const config = `client_auth {
      username      = "text"
      password      = "text"
      username_file = ${JSON.stringify(file('user'))}
      password_file = ${JSON.stringify(file('password'))}
    }`;
    await using c = await runComponent(otelcolAuthBasic, config);
    assert.equal(await headerOf(c.exports.handler), basic('me:first'));
    await writeFile(file('password'), 'second');
    assert.equal(await headerOf(c.exports.handler), basic('me:second'));
    await rm(file('password'));
    await assert.rejects(headerOf(c.exports.handler), { name: 'HttpError', message: /^cannot read password_file: / });
  });
});

test('a password file counts before the lines beside it, and its last content when it is gone', async () => {
  await withFolder(async (file) => {
    await writeFile(file('htpasswd'), 'a:file\nb:file');
    const config = `htpasswd {
      file   = ${JSON.stringify(file('htpasswd'))}
      inline = "b:inline"
    }`;
    await using c = await runComponent(otelcolAuthBasic, config);
    const { handler } = c.exports;
    assert.equal(handler.client, undefined);
    assert.deepEqual(await answerTo(handler, basic('a:file')), { username: 'a', raw: 'YTpmaWxl' });
    assert.equal(await answerTo(handler, basic('b:file')), 'invalid credentials');
    assert.deepEqual(await answerTo(handler, basic('b:inline')), { username: 'b', raw: 'YjppbmxpbmU=' });
    await until(() => c.health === 'healthy: read credentials' || c.health === '');
    await rm(file('htpasswd'));
    assert.deepEqual(await answerTo(handler, basic('a:file')), { username: 'a', raw: 'YTpmaWxl' });
    assert.match(c.health, /^unhealthy: ENOENT/);
    await answerTo(handler, basic('a:file'));
    assert.equal(c.logged.filter(({ level }) => level === 'error').length, 1, 'what lasts is logged once');
    await writeFile(file('htpasswd'), 'a:new');
    assert.deepEqual(await answerTo(handler, basic('a:new')), { username: 'a', raw: 'YTpuZXc=' });
    assert.equal(await answerTo(handler, basic('a:file')), 'invalid credentials');
  });
});

test('a file that cannot be read shows in the health', async () => {
  const config = 'client_auth {\n  username      = "a"\n  password_file = "/does/not/exist"\n}';
  await using c = await runComponent(otelcolAuthBasic, config);
  await until(() => c.health.startsWith('unhealthy: cannot read password_file: ENOENT'));
});

test('lines that are not understood are logged by their numbers, without what is in them', async () => {
  await using c = await runComponent(otelcolAuthBasic, 'htpasswd {\n  inline = "a:b\\nsecret\\nc:{SHA}secret"\n}');
  await answerTo(c.exports.handler, basic('a:b'));
  assert.deepEqual(
    c.logged.map(({ message, fields }) => [message, fields]),
    [['password file has bad lines', { problem: 'lines without a user and a password: 2, 3' }]],
  );
});

const refusals: readonly (readonly [header: string | undefined, message: string])[] = [
  [undefined, 'no basic auth provided'],
  ['', 'no basic auth provided'],
  ['Bearer x', 'invalid authorization scheme prefix'],
  ['Basic', 'invalid authorization scheme prefix'],
  ['Basic %%%', 'invalid authorization format'],
  ['Basic ', 'invalid authorization format'],
  [basic('nocolon'), 'invalid authorization format'],
  [basic('a:wrong'), 'invalid credentials'],
  [basic('nobody:b'), 'invalid credentials'],
  [basic(':'), 'invalid credentials'],
];

for (const [header, message] of refusals) {
  test(`a server refuses ${header === undefined ? 'no header' : JSON.stringify(header)}: ${message}`, async () => {
    await using c = await runComponent(otelcolAuthBasic, 'htpasswd {\n  inline = "a:b"\n}');
    assert.equal(await answerTo(c.exports.handler, header), message);
  });
}

test('the scheme has no letter case', async () => {
  await using c = await runComponent(otelcolAuthBasic, 'htpasswd {\n  inline = "a:b"\n}');
  assert.deepEqual(await answerTo(c.exports.handler, 'bASIC YTpi'), { username: 'a', raw: 'YTpi' });
});

const mistakes: readonly (readonly [config: string, problem: RegExp])[] = [
  ['', /no credentials are given/],
  ['username = "a"', /password must be given with username/],
  ['username = "a"\npassword = ""', /password must be given with username/],
  ['username = "a:b"\npassword = "c"', /username must not have a colon/],
  ['client_auth {\n  username = "a:b"\n}', /username must not have a colon/],
  ['htpasswd { }', /must have file or inline/],
];

for (const [config, problem] of mistakes) {
  test(`the arguments ${JSON.stringify(config)} are refused`, () => {
    const problems = problemsOf(otelcolAuthBasic, config);
    assert.equal(problems.length, 1);
    assert.match(String(problems[0]), problem);
  });
}
