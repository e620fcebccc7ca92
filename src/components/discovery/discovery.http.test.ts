import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { CertificateAuthority } from '../../testkit/certificates.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { serve, type TestServer } from '../../testkit/test-server.ts';
import { untilWithoutTimers } from '../../testkit/until.ts';
import { discoveryHttp } from './discovery.http.ts';

const refreshes = 'prometheus_sd_refresh_duration_seconds_count{mechanism="http"}';
const failures = 'prometheus_sd_http_failures_total';
const refreshFailures = 'prometheus_sd_refresh_failures_total{mechanism="http"}';

/** Runs the component against a server, with timers that only the test moves. */
async function run(t: TestContext, listener: RequestListener, more = '', path = '') {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const server = await serve(listener);
  t.after(() => server[Symbol.asyncDispose]());
  const component = await runComponent(discoveryHttp, `url = "${server.url.href}${path}"\n${more}`);
  t.after(() => component[Symbol.asyncDispose]());
  return {
    server,
    component,
    addresses: () => component.exports.targets.map((labels) => labels.get('__address__')),
    refreshed: (times: number) => untilWithoutTimers(() => component.metrics()[refreshes] === times),
  };
}

function sendJson(response: ServerResponse, body: string): void {
  response.setHeader('content-type', 'application/json').end(body);
}

/** What can come instead of a list, and what is said of it. */
const failing: readonly [what: string, listener: (response: ServerResponse) => void, problem: RegExp][] = [
  ['an error status', (response) => response.writeHead(503).end('[]'), /: the server answered with status 503$/],
  [
    'another success',
    (response) => response.writeHead(204, { 'content-type': 'application/json' }).end(),
    /: the server answered with status 204$/,
  ],
  [
    'a wrong content type',
    (response) => response.setHeader('content-type', 'text/html').end('[]'),
    /: the Content-Type should be application\/json, not "text\/html"$/,
  ],
  ['no content type', (response) => response.end('[]'), /: the Content-Type should be application\/json, not ""$/],
  [
    'another charset',
    (response) => response.setHeader('content-type', 'application/json; charset=latin1').end('[]'),
    /: the Content-Type should be/,
  ],
  ['broken JSON', (response) => sendJson(response, '[{"targets": ["b"'), /JSON/],
  ['nothing', (response) => sendJson(response, ''), /JSON/],
  ['nested brackets', (response) => sendJson(response, '['.repeat(1_000_000)), /JSON/],
  ['no list', (response) => sendJson(response, '{"targets":["b"]}'), /: should be a list of target groups$/],
  [
    'a wrong group',
    (response) => sendJson(response, '[{"targets":["b"]},null]'),
    /: target group 1: should be an object$/,
  ],
  ['a lost connection', (response) => response.destroy(), /GET http:\/\/127\.0\.0\.1:\d+\/: socket hang up$/],
  [
    'a body that is cut off',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('[]', () => response.destroy());
    },
    /GET http:\/\/127\.0\.0\.1:\d+\/: socket hang up$/,
  ],
  ['a huge body', (response) => sendJson(response, `${' '.repeat(64 * 1024 * 1024)}[]`), /: the list is larger than/],
  ['an endless body', sendEndlessly, /: the list is larger than 67108864 bytes$/],
  ['endless redirects', (response) => response.writeHead(302, { location: '/' }).end(), /more than 10 redirects$/],
];

function sendEndlessly(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  const spaces = Buffer.alloc(256 * 1024, ' ');
  const more = (error?: Error | null): void => {
    if (!response.destroyed && error == null) response.write(spaces, more);
  };
  more();
}

test('the list is asked for, and its targets say where they are from', async (t) => {
  let asked: IncomingMessage | undefined;
  const { server, component, refreshed } = await run(
    t,
    (request, response) => {
      asked = request;
      sendJson(response, '[{"targets":["b:1","a:2"],"labels":{"job":"x"}},{"targets":["c"]}]');
    },
    'refresh_interval = "1m30s"\nhttp_headers = {"X-Team" = ["web"]}',
    'list?of=all',
  );
  await refreshed(1);
  const origin = { __meta_url: `${server.url.href}list?of=all` };
  assert.deepEqual(component.exports.targets, [
    Labels.fromRecord({ __address__: 'b:1', ...origin, job: 'x' }),
    Labels.fromRecord({ __address__: 'a:2', ...origin, job: 'x' }),
    Labels.fromRecord({ __address__: 'c', ...origin }),
  ]);
  assert.equal(asked?.method, 'GET');
  assert.equal(asked.url, '/list?of=all');
  assert.equal(asked.headers.accept, 'application/json');
  assert.equal(asked.headers['x-prometheus-refresh-interval-seconds'], '90');
  assert.equal(asked.headers['x-team'], 'web');
  assert.equal(asked.headers['user-agent'], 'Test/v0.0.0');
  assert.equal(component.metrics()[failures], 0);
});

test('every way to write the content type is known', async (t) => {
  const types = [
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json;  charset=utf-8',
  ];
  let asked = 0;
  const { component, refreshed } = await run(t, (_request, response) =>
    response.setHeader('content-type', types[asked++] ?? '').end('[]'),
  );
  for (const times of types.keys()) {
    await refreshed(times + 1);
    t.mock.timers.tick(60_000);
  }
  assert.equal(component.metrics()[failures], 0);
});

test('a list that changes is noticed after each period, one that does not is not exported again', async (t) => {
  const lists = ['[{"targets":["a"]}]', ' [{"targets":["a"],"labels":{}}]', '[{"targets":["a","b"]}]', 'null'];
  let asked = 0;
  const { component, addresses, refreshed } = await run(t, (_request, response) =>
    sendJson(response, lists[asked++] ?? ''),
  );
  await refreshed(1);
  const first = component.exports.targets;
  t.mock.timers.tick(60_000);
  await refreshed(2);
  t.mock.timers.tick(5000);
  assert.equal(component.exports.targets, first);
  t.mock.timers.tick(55_000);
  await refreshed(3);
  assert.deepEqual(addresses(), ['a', 'b']);
  t.mock.timers.tick(60_000);
  await refreshed(4);
  assert.deepEqual(addresses(), []);
});

for (const [what, answer, problem] of failing) {
  test(`${what} keeps the targets of before, is counted and told, until there is a list again`, async (t) => {
    let listener = (response: ServerResponse): void => sendJson(response, '[{"targets":["a"]}]');
    const { component, addresses, refreshed } = await run(t, (_request, response) => listener(response));
    await refreshed(1);
    listener = answer;
    for (const times of [2, 3]) {
      t.mock.timers.tick(60_000);
      await refreshed(times);
    }
    assert.match(component.health, /^unhealthy: /);
    assert.match(component.health, problem);
    assert.equal(component.metrics()[failures], 2);
    assert.equal(component.metrics()[refreshFailures], 2);
    assert.equal(component.logged.length, 1, 'what lasts is logged once');
    t.mock.timers.tick(5000);
    assert.deepEqual(addresses(), ['a']);
    listener = (response) => sendJson(response, '[{"targets":["c"]}]');
    t.mock.timers.tick(55_000);
    await refreshed(4);
    assert.deepEqual(addresses(), ['c']);
    assert.equal(component.health, 'healthy: found targets');
  });
}

test('a server that does not answer within the period is given up', async (t) => {
  const halves: readonly ((response: ServerResponse) => unknown)[] = [
    () => undefined,
    (response) => response.setHeader('content-type', 'application/json').write('['),
  ];
  let asked = 0;
  const { component, refreshed } = await run(t, (_request, response) => void halves[asked++]?.(response));
  for (const times of [1, 2]) {
    await untilWithoutTimers(() => asked === times);
    t.mock.timers.tick(60_000);
    await refreshed(times);
    assert.match(component.health, /: no complete response in 60 s$/);
    t.mock.timers.tick(60_000);
  }
});

test('it stops at once while a server is silent', async (t) => {
  let asked = 0;
  const { component } = await run(t, () => asked++);
  await untilWithoutTimers(() => asked === 1);
  await component.stop();
  assert.equal(component.metrics()[failures], 0, 'it was not the server who failed');
});

test('other arguments take effect at once, and the targets of before stay until there are others', async (t) => {
  const { server, component, addresses, refreshed } = await run(t, ({ url }, response) => {
    if (url === '/silent') return;
    if (url === '/broken') response.writeHead(500).end();
    else sendJson(response, `[{"targets":["${url}"]}]`);
  });
  await refreshed(1);
  t.mock.timers.tick(5000);
  await component.update(`url = "${server.url.href}broken"`);
  await refreshed(2);
  t.mock.timers.tick(5000);
  assert.deepEqual(addresses(), ['/']);
  await component.update(`url = "${server.url.href}silent"`);
  await component.update(`url = "${server.url.href}new"`);
  await refreshed(3);
  assert.deepEqual(addresses(), ['/new']);
  assert.equal(component.metrics()[failures], 1);
});

test('it authenticates itself, over TLS, and shows no password', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const authority = new CertificateAuthority('test');
  const asked: (string | undefined)[] = [];
  await using server: TestServer = await serve(
    ({ headers }, response) => {
      asked.push(headers.authorization);
      sendJson(response, '[{"targets":["a"]}]');
    },
    authority.issue('server', 'IP:127.0.0.1'),
  );
  const configurations: readonly [url: string, client: string, name: string][] = [
    [server.url.href, 'bearer_token = "token"', server.url.href],
    [server.url.href, 'basic_auth {\nusername = "user"\npassword = "word"\n}', server.url.href],
    [server.url.href.replace('//', '//user:word@'), '', server.url.href.replace('//', '//user:xxxxx@')],
    [server.url.origin, '', server.url.origin],
  ];
  for (const [url, client, name] of configurations) {
    const text = `url = "${url}"\n${client}\ntls_config {\nca_pem = ${JSON.stringify(authority.cert)}\n}`;
    await using component = await runComponent(discoveryHttp, text);
    await untilWithoutTimers(() => component.metrics()[refreshes] === 1);
    assert.deepEqual(component.exports.targets, [Labels.fromRecord({ __address__: 'a', __meta_url: name })]);
  }
  const basic = `Basic ${Buffer.from('user:word').toString('base64')}`;
  assert.deepEqual(asked, ['Bearer token', basic, basic, undefined]);
});

test('mistakes in the arguments are found', () => {
  const url = 'url = "http://a/"\n';
  const cases: readonly [text: string, problem: RegExp][] = [
    ['', /missing .*url/],
    ['url = "a:80/targets"', /unsupported scheme "a", use http or https/],
    ['url = "/targets"', /"\/targets" is not an absolute URL/],
    [`${url}refresh_interval = "0s"`, /refresh_interval must be greater than 0/],
    [`${url}bearer_token = "a"\nbearer_token_file = "b"`, /at most one of basic_auth, /],
    [`${url}no_proxy = "a"`, /no_proxy needs proxy_url/],
    [`${url}http_headers = {"Authorization" = ["a"]}`, /header "Authorization" cannot be set/],
  ];
  for (const [text, problem] of cases) assert.match(problemsOf(discoveryHttp, text).join('\n'), problem, text);
});
