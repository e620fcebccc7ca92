import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as https from 'node:https';
import { test, type TestContext } from 'node:test';
import { logTo, noLog } from '../base/log.ts';
import { argumentsFrom } from '../testkit/arguments.ts';
import { CertificateAuthority } from '../testkit/certificates.ts';
import { serve } from '../testkit/test-server.ts';
import { until } from '../testkit/until.ts';
import { FollowedServer } from './followed-server.ts';
import { httpServerBlock, serverSettings, type HttpServerSettings } from './http-server-fields.ts';
import { HttpServer } from './http-server.ts';

/** Settings as the block has them, on this machine. */
function settings(text: string): HttpServerSettings {
  return serverSettings(argumentsFrom(httpServerBlock.fields, `listen_address = "127.0.0.1"\n${text}`));
}

async function start(t: TestContext, text = 'listen_port = 0', handler?: http.RequestListener) {
  const listened: string[] = [];
  const health: (string | undefined)[] = [];
  let connections = 0;
  const observer = {
    connectionsChanged: (count: number) => (connections = count),
    connectionRefused: () => undefined,
  };
  const answer = handler ?? ((_request, response) => response.end('ok'));
  const server = new FollowedServer(settings(text), (limits) => new HttpServer(answer, noLog, limits, observer), {
    log: logTo((_level, message, { address }) => {
      if (message === 'server listening') listened.push(String(address));
    }),
    moved: (problem) => health.push(problem),
  });
  const abort = new AbortController();
  const running = server.run(abort.signal, () => 1000);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
    await server.close();
  };
  t.after(stop);
  await until(() => health.length > 0);
  return { server, listened, health, stop, connections: () => connections };
}

function ask(address: string | undefined, agent: http.Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(`http://${address}/`, { agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

test('another address is listened on before the old one is left, and connections stay', async (t) => {
  const { server, listened, health, connections } = await start(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  assert.equal(await ask(listened[0], agent), 'ok');
  await using free = await serve(() => undefined);
  const { port } = free.url;
  await free[Symbol.asyncDispose]();
  server.update(settings(`listen_port = ${port}`));
  await until(() => listened.length === 2);
  assert.equal(listened[1], `127.0.0.1:${port}`);
  assert.equal(await ask(listened[1]), 'ok');
  assert.equal(await ask(listened[0], agent), 'ok');
  assert.ok(connections() >= 1);
  assert.deepEqual(health, [undefined, undefined]);
  await assert.rejects(ask(listened[0]));
});

test('an address that cannot be had leaves the server where it is, until another is given', async (t) => {
  await using taken = await serve(() => undefined);
  const { server, listened, health } = await start(t);
  server.update(settings(`listen_port = ${taken.url.port}`));
  await until(() => health.length === 2);
  assert.match(health[1] ?? '', new RegExp(`^cannot listen on 127.0.0.1:${taken.url.port}: .*EADDRINUSE`));
  assert.equal(await ask(listened[0]), 'ok');
  server.update(settings('listen_port = 0'));
  await until(() => health.length === 3);
  assert.equal(health[2], undefined);
  assert.equal(listened.length, 1);
});

test('a server that cannot begin fails', async () => {
  await using taken = await serve(() => undefined);
  const server = new FollowedServer(
    settings(`listen_port = ${taken.url.port}`),
    (limits) => new HttpServer(() => undefined, noLog, limits),
    { log: noLog, moved: () => undefined },
  );
  await assert.rejects(
    server.run(new AbortController().signal, () => 0),
    /EADDRINUSE/,
  );
  await server.close();
});

test('TLS begins with the next connection', async (t) => {
  const { server, listened } = await start(t);
  assert.equal(await ask(listened[0]), 'ok');
  const authority = new CertificateAuthority('Test CA');
  const pair = authority.issue('server', 'IP:127.0.0.1');
  const client = authority.issue('client');
  const text = `
    listen_port = 0
    tls {
      cert_pem         = ${JSON.stringify(pair.cert)}
      key_pem          = ${JSON.stringify(pair.key)}
      client_ca        = ${JSON.stringify(authority.cert)}
      client_auth_type = "RequireAndVerifyClientCert"
      min_version      = "VersionTLS12"
      cipher_suites    = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256"
    }`;
  server.update(settings(text));
  const secure = (more: https.RequestOptions): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      https
        .get(`https://${listened[0]}/`, { ca: authority.cert, agent: false, ...more }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject);
    });
  await until(() => ask(listened[0]).then(() => false, () => true)); // prettier-ignore
  assert.equal(await secure(client), 200);
  await assert.rejects(secure({}));
  await assert.rejects(secure({ ...client, maxVersion: 'TLSv1.1' }));
  assert.equal(listened.length, 1);
});

test('when it stops, requests that are there are answered, and none come any more', async (t) => {
  const arrived = Promise.withResolvers<http.ServerResponse>();
  const { listened, stop, connections } = await start(t, 'listen_port = 0', (_request, response) =>
    arrived.resolve(response),
  );
  const answer = ask(listened[0]);
  const response = await arrived.promise;
  const stopped = stop();
  await assert.rejects(ask(listened[0]));
  response.end('late');
  assert.equal(await answer, 'late');
  await stopped;
  assert.equal(connections(), 0);
});
