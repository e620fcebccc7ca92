import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../../testkit/certificates.ts';
import { sendEntries } from '../../../testkit/log-entries.ts';
import { hostOf, labelled, linesOf, metric, runWrite } from '../../../testkit/loki-endpoints.ts';
import { startLokiReceiver } from '../../../testkit/loki-receiver.ts';
import { bodyOf, serve } from '../../../testkit/test-server.ts';
import { until } from '../../../testkit/until.ts';

test('a tenant that no header can hold is dropped, and holds up nobody', async () => {
  await using receiver = await startLokiReceiver();
  await using c = await runWrite(receiver);
  const wrong = sendEntries(c.exports.receiver, labelled('1', { __tenant_id__: 'a\nb' }));
  await assert.rejects(wrong.delivered, { isRetryable: false });
  await sendEntries(c.exports.receiver, labelled('2', { __tenant_id__: 'ab' })).delivered;
  const series = `loki_write_dropped_entries_total{host="${hostOf(receiver)}",tenant="a\\nb",reason="ingester_error"}`;
  assert.equal(c.metrics()[series], 1);
});

test('headers are sent, unless they are set anyway', async () => {
  await using receiver = await startLokiReceiver();
  const custom = (more: string) =>
    `headers = { "X-Custom" = "é", "User-Agent" = "me", "content-type" = "text/plain", "x-scope-orgid" = "custom" }\n${more}`;
  {
    await using c = await runWrite(receiver, custom('tenant_id = "own"'));
    await sendEntries(c.exports.receiver, 'x').delivered;
    const skipped = c.logged.filter(({ message }) => message === 'custom header key already exists, skipping');
    assert.deepEqual(
      skipped.map(({ level, fields }) => [level, fields['key'], fields['endpoint']]),
      ['User-Agent', 'content-type', 'x-scope-orgid'].map((key) => ['warn', key, hostOf(receiver)]),
    );
  }
  {
    await using c = await runWrite(receiver, custom(''));
    await sendEntries(c.exports.receiver, labelled('x', {}), labelled('y', { __tenant_id__: 'entry' })).delivered;
  }
  assert.deepEqual(
    receiver.requests.map(({ headers }) => [
      Buffer.from(String(headers['x-custom']), 'latin1').toString(),
      headers['user-agent'],
      headers['content-type'],
      headers['x-scope-orgid'],
    ]),
    ['own', 'custom', 'entry'].map((tenant) => ['é', 'Test/v0.0.0', 'application/x-protobuf', tenant]),
  );
});

test('requests carry the credentials that are configured', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'credentials-'));
  const file = path.join(folder, 'secret');
  await writeFile(file, 'from file\n');
  const cases: readonly [config: string, authorization: string][] = [
    ['basic_auth {\n username = "me"\n password = "pass"\n}', `Basic ${btoa('me:pass')}`],
    [`basic_auth {\n username = "me"\n password_file = "${file}"\n}`, `Basic ${btoa('me:from file')}`],
    ['bearer_token = "t0ken"', 'Bearer t0ken'],
    [`bearer_token_file = "${file}"`, 'Bearer from file'],
    ['authorization {\n type = "Token"\n credentials = "abc"\n}', 'Token abc'],
    ['basic_auth {\n username = "me"\n}\nheaders = { Authorization = "own" }', 'own'],
  ];
  await using receiver = await startLokiReceiver();
  for (const [config] of cases) {
    await using c = await runWrite(receiver, `${config}\nhttp_headers = { "X-More" = ["1"] }`);
    await sendEntries(c.exports.receiver, 'x').delivered;
  }
  await rm(folder, { recursive: true });
  assert.deepEqual(
    receiver.requests.map(({ headers }) => [headers.authorization, headers['x-more']]),
    cases.map(([, authorization]) => [authorization, '1']),
  );
});

test('TLS is used with the certificates that are configured', async () => {
  const authority = new CertificateAuthority('test');
  const server = authority.issue('server', 'IP:127.0.0.1');
  const client = authority.issue('client');
  await using receiver = await startLokiReceiver({ ...server, ca: authority.cert, requestCert: true });
  const pem = (text: string) => JSON.stringify(text);
  const keys = `cert_pem = ${pem(client.cert)}\nkey_pem = ${pem(client.key)}`;
  {
    await using c = await runWrite(receiver, `tls_config {\n ca_pem = ${pem(authority.cert)}\n${keys}\n}`);
    await sendEntries(c.exports.receiver, 'x').delivered;
  }
  {
    await using c = await runWrite(
      receiver,
      `tls_config {\n${keys}\n}\nmax_backoff_retries = 2\nqueue_config {\n drain_timeout = "1ms"\n}`,
    );
    await assert.rejects(sendEntries(c.exports.receiver, 'y').delivered, /certificate/);
  }
  assert.deepEqual(
    receiver.accepted.map(({ line }) => line),
    ['x'],
  );
});

test('a token comes from an OAuth 2.0 server, and a new one when it is not accepted', async () => {
  await using receiver = await startLokiReceiver();
  const asked: string[] = [];
  await using tokens = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push(body.toString());
      response.end(JSON.stringify({ access_token: `token-${asked.length}`, token_type: 'bearer', expires_in: 3600 }));
    });
  });
  const config = `oauth2 {
    client_id = "me"
    client_secret = "hush"
    token_url = "${tokens.url.href}"
    scopes = ["logs:write"]
  }`;
  await using c = await runWrite(receiver, config);
  await sendEntries(c.exports.receiver, 'a').delivered;
  receiver.answer([401]);
  await assert.rejects(sendEntries(c.exports.receiver, 'b').delivered, { isRetryable: false });
  await sendEntries(c.exports.receiver, 'c').delivered;
  assert.deepEqual(
    receiver.requests.map(({ headers }) => headers.authorization),
    ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'],
  );
  assert.ok(asked.every((body) => body.includes('grant_type=client_credentials') && body.includes('scope=logs')));
  assert.ok(!JSON.stringify(c.logged).includes('hush'));
});

test('while there is no token, entries wait', async () => {
  await using receiver = await startLokiReceiver();
  let isBroken = true;
  await using tokens = await serve((_request, response) => {
    if (isBroken) response.writeHead(500).end();
    else response.end(JSON.stringify({ access_token: 'token', token_type: 'bearer' }));
  });
  const oauth = `client_id = "me"\n client_secret = "hush"\n token_url = "${tokens.url.href}"`;
  await using c = await runWrite(receiver, `oauth2 {\n ${oauth}\n}`);
  const { delivered } = sendEntries(c.exports.receiver, 'a');
  await until(() => metric(c, 'batch_retries_total') > 1);
  isBroken = false;
  await delivered;
  assert.equal(receiver.requests.length, 1);
});

test('requests go through a proxy with its own credentials', async () => {
  await using receiver = await startLokiReceiver();
  const seen: (string | undefined)[] = [];
  await using proxy = await serve((request, response) => {
    seen.push(request.headers['proxy-authorization'], request.url);
    void bodyOf(request).then(async (body) => {
      const { host: _host, 'proxy-authorization': _credentials, connection: _connection, ...headers } = request.headers;
      const sent = { method: 'POST', headers: headers as Record<string, string>, body: new Uint8Array(body) };
      response.writeHead((await fetch(request.url ?? '', sent)).status).end();
    });
  });
  await using c = await runWrite(receiver, `proxy_url = "http://me:pass@${proxy.url.host}"`);
  await sendEntries(c.exports.receiver, 'a').delivered;
  assert.deepEqual(seen, [`Basic ${btoa('me:pass')}`, receiver.url]);
  assert.deepEqual(linesOf(receiver), ['a']);
});

test('a certificate that is not for the host is accepted when its name is given', async () => {
  const authority = new CertificateAuthority('test');
  await using receiver = await startLokiReceiver(authority.issue('server', 'DNS:loki.example'));
  for (const more of ['server_name = "loki.example"', 'insecure_skip_verify = true']) {
    await using c = await runWrite(receiver, `tls_config {\n ca_pem = ${JSON.stringify(authority.cert)}\n ${more}\n}`);
    await sendEntries(c.exports.receiver, more).delivered;
  }
  assert.equal(receiver.accepted.length, 2);
});
