import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { argumentsFrom } from '../testkit/arguments.ts';
import { CertificateAuthority } from '../testkit/certificates.ts';
import { bodyOf, serve, type TestServer } from '../testkit/test-server.ts';
import { httpClientFields } from './http-client-fields.ts';
import { httpClient, type HttpClient } from './http-client.ts';
import { HttpError } from './http-error.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';

function clientFor(config = '', variables: Record<string, string> = {}): HttpClient & Disposable {
  const client = httpClient(argumentsFrom(httpClientFields, config), { userAgent: 'Test/1', variables });
  return { ...client, [Symbol.dispose]: () => client.close() };
}

function get(client: HttpClient, url: URL | string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> {
  return client.request({
    method: 'GET',
    url: new URL(url),
    headers: {},
    signal: new AbortController().signal,
    timeout: 5000,
    maxResponseBytes: 1000,
    ...more,
  });
}

async function textOf(response: Promise<HttpResponse>): Promise<string> {
  return (await response).body.toString();
}

function isHttpError(kind: HttpError['kind'], message?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.kind, kind, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}

/** Answers with what it was asked. */
function serveEcho(tls?: Parameters<typeof serve>[1]): Promise<TestServer> {
  return serve((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: body.toString() }));
    });
  }, tls);
}

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

async function echoOf(response: Promise<HttpResponse>): Promise<Echo> {
  return JSON.parse(await textOf(response)) as Echo;
}

test('a request carries its method, path, query, headers and body', async () => {
  await using server = await serveEcho();
  using client = clientFor('http_headers = {"X-Scope-OrgID" = ["a", "b"]}');
  const echo = await echoOf(
    get(client, new URL('/push?a=1', server.url), {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: Buffer.from('hello'),
    }),
  );
  assert.equal(echo.method, 'POST');
  assert.equal(echo.url, '/push?a=1');
  assert.equal(echo.body, 'hello');
  assert.equal(echo.headers['user-agent'], 'Test/1');
  assert.equal(echo.headers.host, server.url.host);
  assert.equal(echo.headers['x-scope-orgid'], 'a, b');
  assert.equal(echo.headers['content-type'], 'text/plain');
  assert.equal(echo.headers['content-length'], '5');
  assert.equal(echo.headers.authorization, undefined);
});

test('connections are used again', async () => {
  await using server = await serveEcho();
  using client = clientFor();
  for (let request = 0; request < 5; request++) await get(client, server.url);
  assert.equal(server.connections, 1);
});

test('a connection that the server has closed meanwhile does not fail the next request', async () => {
  await using server = await serve((request, response) => {
    response.end('ok');
    // Closes after the response without having announced it.
    response.on('finish', () => setTimeout(() => request.socket.destroy(), 5));
  });
  using client = clientFor();
  for (let request = 0; request < 20; request++) {
    assert.equal(await textOf(get(client, server.url)), 'ok');
    await new Promise((resolve) => setTimeout(resolve, request % 10));
  }
});

const authorizations: readonly [config: string, expected: string | undefined][] = [
  ['basic_auth {\n username = "user"\n password = "pä:ss"\n}', `Basic ${btoa('user:pÃ¤:ss')}`],
  ['bearer_token = "t"', 'Bearer t'],
  ['authorization {\n credentials = "c"\n}', 'Bearer c'],
  ['authorization {\n type = "ApiKey"\n credentials = "c"\n}', 'ApiKey c'],
  ['authorization { }', undefined],
];
for (const [config, expected] of authorizations) {
  test(`${config.replaceAll(/\s+/g, ' ')} sends ${expected}`, async () => {
    await using server = await serveEcho();
    using client = clientFor(config);
    assert.equal((await echoOf(get(client, server.url))).headers.authorization, expected);
  });
}

test('a user and a password in the URL are sent as basic credentials', async () => {
  await using server = await serveEcho();
  using client = clientFor();
  const url = new URL(server.url);
  url.username = 'a';
  url.password = 'b%25';
  assert.equal((await echoOf(get(client, url))).headers.authorization, `Basic ${btoa('a:b%')}`);
});

test('a secret in a file is read again when it changes', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'secret-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'token');
  await using server = await serveEcho();
  using client = clientFor(`bearer_token_file = "${file}"`);
  await assert.rejects(get(client, server.url), isHttpError('credentials', /bearer_token_file.*ENOENT/));
  await writeFile(file, 'one\n');
  assert.equal((await echoOf(get(client, server.url))).headers.authorization, 'Bearer one');
  await writeFile(file, 'two\n');
  await utimes(file, 1, 1);
  assert.equal((await echoOf(get(client, server.url))).headers.authorization, 'Bearer two');
});

test('the body is bounded, and what is a little longer leaves the connection usable', async () => {
  await using server = await serve((_request, response) => response.end('x'.repeat(1500)));
  using client = clientFor();
  for (let request = 0; request < 3; request++) {
    const response = await get(client, server.url);
    assert.equal(response.body.length, 1000);
    assert.equal(response.isTruncated, true);
  }
  assert.equal(server.connections, 1);
});

test('an endless body is given up', async () => {
  await using server = await serve((_request, response) => {
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', write);
    write();
  });
  using client = clientFor();
  const response = await get(client, server.url);
  assert.equal(response.status, 200);
  assert.equal(response.body.length, 1000);
  assert.equal(response.isTruncated, true);
});

test('a server that does not answer, or not to the end, is given up after the timeout', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/half') response.write('half');
  });
  using client = clientFor();
  for (const where of ['/never', '/half']) {
    const url = new URL(where, server.url);
    await assert.rejects(get(client, url, { timeout: 50 }), isHttpError('timeout', /no complete response in 0.05 s/));
  }
});

test('a request can be aborted before and while it runs', async () => {
  await using server = await serve(() => undefined);
  using client = clientFor();
  await assert.rejects(get(client, server.url, { signal: AbortSignal.abort() }), isHttpError('aborted'));
  const abort = new AbortController();
  const request = get(client, server.url, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(request, isHttpError('aborted', /^GET http:\/\/127/));
});

test('errors tell what went wrong and where, without query and password', async () => {
  using client = clientFor();
  const closed = await serveEcho();
  const url = new URL('/path?key=secret', closed.url);
  url.password = 'secret';
  await closed[Symbol.asyncDispose]();
  await assert.rejects(get(client, url), (error: HttpError) => {
    assert.equal(error.kind, 'connect');
    assert.match(error.message, /^GET http:\/\/127\.0\.0\.1:\d+\/path: .*ECONNREFUSED/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await assert.rejects(get(client, 'http://name.invalid/'), isHttpError('connect'));
});

test('a connection that ends within a response is an error', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('part');
    setTimeout(() => request.socket.destroy(), 10);
  });
  using client = clientFor();
  await assert.rejects(get(client, server.url), isHttpError('connection'));
});

const redirects: readonly [status: number, method: string, then: string, body: string][] = [
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [307, 'POST', 'POST', 'data'],
  [308, 'PUT', 'PUT', 'data'],
];
for (const [status, method, then, body] of redirects) {
  test(`after a ${status} answer, ${method} becomes ${then}`, async () => {
    await using target = await serveEcho();
    await using server = await serve((_request, response) => {
      response.writeHead(status, { location: new URL('/there', target.url).href }).end();
    });
    using client = clientFor('bearer_token = "secret"');
    const echo = await echoOf(get(client, server.url, { method, body: Buffer.from('data') }));
    assert.deepEqual([echo.method, echo.url, echo.body], [then, '/there', body]);
    assert.equal(echo.headers.authorization, 'Bearer secret');
  });
}

test('credentials and other headers are not sent on to another host, nor when it leads back', async () => {
  const paths: [string | undefined, string | undefined, string | undefined][] = [];
  await using server = await serve((request, response) => {
    const { authorization, 'x-key': key, 'x-api-key': apiKey } = request.headers;
    paths.push([authorization, key as string | undefined, apiKey as string | undefined]);
    const other = `http://localhost:${server.url.port}`;
    if (request.url === '/') response.writeHead(307, { location: `${other}/other` }).end();
    else if (request.url === '/other') response.writeHead(307, { location: `${server.url.href}back` }).end();
    else response.end();
  });
  using client = clientFor('bearer_token = "secret"\nhttp_headers = {"X-Key" = ["secret"]}');
  await get(client, server.url, { headers: { 'x-api-key': 'secret' } });
  const nothing = [undefined, undefined, undefined];
  assert.deepEqual(paths, [['Bearer secret', 'secret', 'secret'], nothing, nothing]);
});

test('redirects end: when they are not wanted, after ten, and where they lead to no web address', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(302, { location: request.url === '/mail' ? 'mailto:a@b' : '/' }).end('moved');
  });
  using following = clientFor();
  await assert.rejects(get(following, server.url), isHttpError('redirect', /more than 10 redirects/));
  await assert.rejects(get(following, new URL('/mail', server.url)), isHttpError('redirect'));
  using staying = clientFor('follow_redirects = false');
  const response = await get(staying, server.url);
  assert.deepEqual([response.status, response.body.toString()], [302, 'moved']);
});

const authority = new CertificateAuthority('Test CA');
const serverPair = authority.issue('server', 'DNS:localhost', 'IP:127.0.0.1');
const otherPair = authority.issue('other', 'DNS:other.example');
const clientPair = authority.issue('client');

function quote(text: string): string {
  return JSON.stringify(text);
}

const trusted = `ca_pem = ${quote(authority.cert)}`;

test('a server is trusted by the given authority', async () => {
  await using server = await serveEcho(serverPair);
  using client = clientFor(`tls_config {\n${trusted}\n}`);
  assert.equal((await echoOf(get(client, server.url))).url, '/');
  await get(client, server.url);
  assert.equal(server.connections, 1);
});

test('a server with a certificate from nowhere or for another name is not trusted', async () => {
  await using server = await serveEcho(otherPair);
  using distrustful = clientFor();
  await assert.rejects(get(distrustful, server.url), isHttpError('tls'));
  using wrongName = clientFor(`tls_config {\n${trusted}\n}`);
  await assert.rejects(get(wrongName, server.url), isHttpError('tls'));
});

test('server_name names what the certificate is for, and insecure_skip_verify takes any', async () => {
  await using server = await serveEcho(otherPair);
  using named = clientFor(`tls_config {\n${trusted}\nserver_name = "other.example"\n}`);
  assert.equal((await get(named, server.url)).status, 200);
  using careless = clientFor('tls_config {\ninsecure_skip_verify = true\n}');
  assert.equal((await get(careless, server.url)).status, 200);
});

test('min_version refuses older versions of TLS', async () => {
  await using server = await serveEcho({ ...serverPair, maxVersion: 'TLSv1.2' });
  using client = clientFor(`tls_config {\n${trusted}\nmin_version = "TLS13"\n}`);
  await assert.rejects(get(client, server.url), isHttpError('tls'));
});

test('a client shows its certificate, and a new one when the files change', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const [certFile, keyFile] = [path.join(folder, 'cert'), path.join(folder, 'key')];
  const names: unknown[] = [];
  await using server = await serve(
    (request, response) => {
      const socket = request.socket as TLSSocket;
      names.push(socket.getPeerCertificate().subject?.CN);
      response.end();
    },
    { ...serverPair, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
  );
  using client = clientFor(`tls_config {\n${trusted}\ncert_file = "${certFile}"\nkey_file = "${keyFile}"\n}`);
  await assert.rejects(get(client, server.url), isHttpError('tls', /ENOENT/));
  for (const pair of [clientPair, otherPair]) {
    await writeFile(certFile, pair.cert);
    await writeFile(keyFile, pair.key);
    await get(client, server.url);
  }
  assert.deepEqual(names, ['client', 'other']);
  using nobody = clientFor(`tls_config {\n${trusted}\n}`);
  await assert.rejects(get(nobody, server.url), HttpError);
});

interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** What it was asked for, with the headers that matter. */
  readonly requests: string[];
}

/** A proxy that leads everything to one port of this machine. */
async function startProxy(port: string): Promise<Proxy> {
  const requests: string[] = [];
  const note = (request: IncomingMessage): unknown => {
    const { 'proxy-authorization': user = '-', 'x-proxy': header = '-' } = request.headers;
    return requests.push(`${request.method} ${request.url} ${user} ${header as string}`);
  };
  const server = await serve((request, response) => {
    note(request);
    response.end('through the proxy');
  });
  const tunnels: Duplex[] = [];
  server.server.on('connect', (request, socket: Duplex) => {
    note(request);
    if (request.headers['proxy-authorization'] === `Basic ${btoa('bad:')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = net.connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [target, socket]) end.on('error', () => undefined);
    tunnels.push(target, socket);
  });
  return {
    url: server.url.href,
    requests,
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('plain requests go to the proxy as they are', async () => {
  await using proxy = await startProxy('1');
  const withUser = proxy.url.replace('//', '//user:pass@');
  using client = clientFor(`proxy_url = "${withUser}"\nno_proxy = "direct.example"`);
  assert.equal(await textOf(get(client, 'http://web.example/a?b=c')), 'through the proxy');
  assert.deepEqual(proxy.requests, [`GET http://web.example/a?b=c Basic ${btoa('user:pass')} -`]);
});

test('https requests go through a tunnel, which is kept', async () => {
  await using server = await serveEcho(serverPair);
  await using proxy = await startProxy(server.url.port);
  const withUser = proxy.url.replace('//', '//user:p%40ss@');
  using client = clientFor(
    `proxy_url = "${withUser}"\nproxy_connect_header = {"X-Proxy" = ["yes"]}\ntls_config {\n${trusted}\nserver_name = "localhost"\n}`,
  );
  for (let request = 0; request < 3; request++) {
    const echo = await echoOf(get(client, 'https://web.example:8443/a'));
    assert.deepEqual([echo.url, echo.headers.host], ['/a', 'web.example:8443']);
    assert.equal(echo.headers['proxy-authorization'], undefined);
    assert.equal(echo.headers['x-proxy'], undefined);
  }
  assert.deepEqual(proxy.requests, [`CONNECT web.example:8443 Basic ${btoa('user:p@ss')} yes`]);
});

test('a proxy that refuses or is not there is told from the server behind it', async () => {
  await using proxy = await startProxy('1');
  using refused = clientFor(`proxy_url = "${proxy.url.replace('//', '//bad@')}"`);
  await assert.rejects(get(refused, 'https://web.example/'), isHttpError('proxy', /web\.example:443.*status 407/));
  using gone = clientFor('proxy_url = "http://127.0.0.1:1"');
  await assert.rejects(get(gone, 'https://web.example/'), isHttpError('proxy', /ECONNREFUSED/));
});

test('the environment names proxies by scheme, and exceptions', async () => {
  await using server = await serveEcho();
  await using proxy = await startProxy('1');
  const variables = {
    HTTP_PROXY: proxy.url.replace('http://', ''),
    https_proxy: 'socks5://a',
    NO_PROXY: '10.0.0.0/8',
  };
  using client = clientFor('proxy_from_environment = true', variables);
  assert.equal(await textOf(get(client, 'http://web.example/')), 'through the proxy');
  assert.equal((await echoOf(get(client, server.url))).url, '/');
  await assert.rejects(get(client, 'https://web.example/'), isHttpError('proxy', /HTTPS_PROXY/));
});

interface TokenServer extends TestServer {
  readonly asked: string[];
}

async function serveTokens(answer: (body: URLSearchParams, authorization: string) => unknown): Promise<TokenServer> {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const authorization = request.headers.authorization ?? '';
      asked.push(`${authorization} ${body.toString()}`);
      const result = answer(new URLSearchParams(body.toString()), authorization);
      response.writeHead(result === undefined ? 401 : 200).end(JSON.stringify(result));
    });
  });
  return Object.assign(Object.create(server) as TestServer, { asked });
}

test('oauth2 gets one token for many requests at once and keeps it', async () => {
  await using server = await serveEcho();
  await using tokens = await serveTokens(() => ({ access_token: 't1', token_type: 'bearer', expires_in: 3600 }));
  using client = clientFor(`oauth2 {
    client_id = "id"
    client_secret = "s e"
    token_url = "${tokens.url.href}"
    scopes = ["a", "b"]
    endpoint_params = {"audience" = "x"}
  }`);
  const echoes = await Promise.all([1, 2, 3].map(() => echoOf(get(client, server.url))));
  assert.deepEqual(
    echoes.map((echo) => echo.headers.authorization),
    ['Bearer t1', 'Bearer t1', 'Bearer t1'],
  );
  await get(client, server.url);
  const body = 'grant_type=client_credentials&audience=x&scope=a+b';
  assert.deepEqual(tokens.asked, [`Basic ${btoa('id:s%20e')} ${body}`]);
});

test('oauth2 sends its secret in the body where the header is not accepted, and remembers that', async () => {
  await using server = await serveEcho();
  await using tokens = await serveTokens((body, authorization) =>
    authorization === '' && body.get('client_secret') === 's'
      ? { access_token: `t${tokens.asked.length}`, expires_in: 1 }
      : undefined,
  );
  using client = clientFor(`oauth2 {\nclient_id = "id"\nclient_secret = "s"\ntoken_url = "${tokens.url.href}"\n}`);
  assert.equal((await echoOf(get(client, server.url))).headers.authorization, 'Bearer t2');
  // The token is about to expire, so that the next request asks for another.
  assert.equal((await echoOf(get(client, server.url))).headers.authorization, 'Bearer t3');
});

test('a token that a server does not accept is replaced', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer t2' ? 200 : 401).end();
  });
  await using tokens = await serveTokens(() => ({ access_token: `t${tokens.asked.length}` }));
  using client = clientFor(`oauth2 {\nclient_id = "id"\nclient_secret = "s"\ntoken_url = "${tokens.url.href}"\n}`);
  assert.equal((await get(client, server.url)).status, 401);
  assert.equal((await get(client, server.url)).status, 200);
});

test('without a token there is no request, and the error holds no secret', async () => {
  await using server = await serveEcho();
  await using tokens = await serveTokens(() => undefined);
  using client = clientFor(`oauth2 {\nclient_id = "id"\nclient_secret = "hidden"\ntoken_url = "${tokens.url.href}"\n}`);
  await assert.rejects(get(client, server.url), (error: HttpError) => {
    assert.equal(error.kind, 'credentials');
    assert.match(error.message, /no token from .*: status 401/);
    assert.doesNotMatch(error.message, /hidden/);
    return true;
  });
  assert.equal(server.connections, 0);
});
