import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToyRuntime } from '../../testkit/toy-runtime.ts';
import { until } from '../../testkit/until.ts';
import { LiveDebugging } from '../live-debugging/live-debugging.ts';
import type { ApiResponse } from './api-message.ts';
import { answer, findRoute } from './router.ts';
import { apiRoutes, type ApiContext } from './routes.ts';

/** Asks the API without a connection. */
function open(runtime: ToyRuntime, more: Partial<ApiContext> = {}) {
  const routes = apiRoutes({
    runtime: () => runtime,
    liveDebugging: new LiveDebugging(() => runtime.root),
    metrics: () => 'up 1\n',
    reload: () => Promise.resolve({ isLoaded: true, message: 'config reloaded' }),
    peer: { name: 'here', addr: '127.0.0.1:12345' },
    uiPathPrefix: '/',
    ...more,
  });
  const ask = async (target: string, method = 'GET'): Promise<ApiResponse & { text: string }> => {
    const { pathname: path, searchParams: query } = new URL(target, 'http://a');
    const { signal } = new AbortController();
    const response = await answer(findRoute(routes, path), { method, path, query, headers: {}, signal });
    return { ...response, text: typeof response.body === 'string' ? response.body : '(stream)' };
  };
  return {
    ask,
    json: async (target: string): Promise<unknown> => JSON.parse((await ask(target)).text),
  };
}

const config = `
  test.passthrough "a" {
    input    = "x"
    password = "hunter2"
  }
  test.passthrough "b" {
    input = test.passthrough.a.output
  }
  test.source "in" {
    lines      = ["one", "two"]
    forward_to = [pair.p.receiver]
  }
  declare "pair" {
    argument "to" { }
    test.sink "inner" { }
    export "receiver" {
      value = test.sink.inner.receiver
    }
  }
  pair "p" {
    to = "nobody"
  }
`;

test('ready tells whether a configuration runs', async () => {
  await using runtime = new ToyRuntime();
  const { ask } = open(runtime);
  assert.deepEqual([(await ask('/-/ready')).status, (await ask('/-/ready')).text], [503, 'Alloy is not ready.\n']);
  await runtime.loadText('');
  assert.deepEqual([(await ask('/-/ready')).status, (await ask('/-/ready')).text], [200, 'Alloy is ready.\n']);
});

test('healthy names what is unhealthy or has exited, also in modules', async () => {
  await using runtime = new ToyRuntime();
  const { ask } = open(runtime);
  await runtime.loadText(config);
  assert.deepEqual(
    [(await ask('/-/healthy')).status, (await ask('/-/healthy')).text],
    [200, 'All Alloy components are healthy.\n'],
  );
  await runtime.loadText(`
    declare "broken" {
      test.sink "a" {
        fails = true
      }
    }
    broken "x" { }
    test.sink "b" {
      fails = true
    }
    test.sink "c" { }
  `);
  await until(async () => (await ask('/-/healthy')).status === 500);
  assert.equal((await ask('/-/healthy')).text, 'unhealthy components: broken.x/test.sink.a, test.sink.b\n');
});

test('a reload answers with its result', async () => {
  await using runtime = new ToyRuntime();
  assert.deepEqual((await open(runtime).ask('/-/reload', 'POST')).status, 200);
  const failing = open(runtime, { reload: () => Promise.resolve({ isLoaded: false, message: 'a.alloy:1:2: no' }) });
  const { status, text } = await failing.ask('/-/reload');
  assert.deepEqual([status, text], [400, 'a.alloy:1:2: no\n']);
});

test('components are listed by their IDs, with what refers to what and where data flows', async () => {
  await using runtime = new ToyRuntime();
  const { json } = open(runtime);
  await runtime.loadText(config);
  const list = (await json('/api/v0/web/components')) as Record<string, unknown>[];
  assert.deepEqual(
    list.map(({ localID, referencesTo, referencedBy, dataFlowEdgesTo, createdModuleIDs, liveDebuggingEnabled }) => [
      localID,
      referencesTo,
      referencedBy,
      dataFlowEdgesTo,
      createdModuleIDs,
      liveDebuggingEnabled,
    ]),
    [
      ['pair.p', [], ['test.source.in'], [], ['pair.p'], false],
      ['test.passthrough.a', [], ['test.passthrough.b'], [], undefined, false],
      ['test.passthrough.b', ['test.passthrough.a'], [], [], undefined, false],
      ['test.source.in', ['pair.p'], [], ['pair.p'], undefined, true],
    ],
  );
  const [pair] = list;
  const { health, ...rest } = pair ?? {};
  assert.deepEqual(rest, {
    name: 'pair',
    type: 'block',
    localID: 'pair.p',
    moduleID: '',
    label: 'p',
    referencesTo: [],
    referencedBy: ['test.source.in'],
    dataFlowEdgesTo: [],
    original: '',
    arguments: [],
    exports: [],
    debugInfo: [],
    createdModuleIDs: ['pair.p'],
    liveDebuggingEnabled: false,
  });
  assert.match(
    JSON.stringify(health),
    /^{"state":"healthy","message":"(component evaluated|started component)","updatedTime":"20.*Z"}$/,
  );
});

function line(value: string): unknown {
  return { name: 'lines', type: 'block', body: [{ name: 'line', type: 'attr', value: { type: 'string', value } }] };
}

test('a component is shown with its arguments, exports and debug info, and without secrets', async () => {
  await using runtime = new ToyRuntime();
  const { ask, json } = open(runtime);
  await runtime.loadText(config);
  const { text } = await ask('/api/v0/web/components/test.passthrough.a');
  assert.doesNotMatch(text, /hunter2/);
  const shown = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(shown.arguments, [
    { name: 'input', type: 'attr', value: { type: 'string', value: 'x' } },
    { name: 'password', type: 'attr', value: { type: 'capsule', value: '(secret)' } },
  ]);
  assert.deepEqual(shown.exports, [{ name: 'output', type: 'attr', value: { type: 'string', value: 'x' } }]);

  const inModule = '/api/v0/web/components/pair.p/test.sink.inner';
  await until(async () => JSON.stringify(await json(inModule)).includes('"two"'));
  const inner = (await json(inModule)) as Record<string, unknown>;
  assert.deepEqual([inner.moduleID, inner.localID], ['pair.p', 'test.sink.inner']);
  assert.deepEqual(inner.debugInfo, [
    { name: 'count', type: 'attr', value: { type: 'number', value: 2 } },
    line('one'),
    line('two'),
  ]);
  assert.deepEqual(inner.exports, [
    { name: 'receiver', type: 'attr', value: { type: 'capsule', value: 'pair.p/test.sink.inner.receiver' } },
  ]);

  const custom = (await json('/api/v0/web/components/pair.p')) as Record<string, unknown>;
  assert.deepEqual(custom.arguments, [{ name: 'to', type: 'attr', value: { type: 'string', value: 'nobody' } }]);
  assert.match(JSON.stringify(custom.exports), /pair\.p\/test\.sink\.inner\.receiver/);
});

test('the components of a module are listed', async () => {
  await using runtime = new ToyRuntime();
  const { json } = open(runtime);
  await runtime.loadText(`
    foreach "each" {
      collection = ["a"]
      var        = "item"
      template {
        test.passthrough "p" {
          input = item
        }
      }
    }
  `);
  const [each] = (await json('/api/v0/web/components')) as { createdModuleIDs: string[] }[];
  assert.deepEqual(each?.createdModuleIDs, ['foreach.each/foreach_a_1']);
  const [inner] = (await json('/api/v0/web/modules/foreach.each/foreach_a_1/components')) as Record<string, unknown>[];
  assert.deepEqual([inner?.moduleID, inner?.localID], ['foreach.each/foreach_a_1', 'test.passthrough.p']);
});

const answers: readonly [target: string, method: string, status: number, text: RegExp][] = [
  ['/metrics', 'GET', 200, /^up 1\n$/],
  ['/metrics', 'HEAD', 200, /./],
  ['/metrics', 'POST', 405, /./],
  ['/-/reload', 'PUT', 405, /./],
  ['/-/foo', 'GET', 404, /^404 page not found\n$/],
  ['/', 'GET', 404, /./],
  ['/api/v0/web/components/', 'GET', 404, /./],
  ['/api/v0/web/components/test.nothing.a', 'GET', 404, /./],
  ['/api/v0/web/components/nothing/test.nothing.a', 'GET', 404, /./],
  ['/api/v0/web/modules/nothing/components', 'GET', 404, /./],
  ['/api/v0/web/remotecfg/components', 'GET', 200, /^\[\]$/],
  [
    '/api/v0/web/peers',
    'GET',
    200,
    /^\[{"name":"here","addr":"127.0.0.1:12345","isSelf":true,"state":"participant"}\]$/,
  ],
  ['/api/v0/web/graph?window=0', 'GET', 400, /window/],
  ['/api/v0/web/debug/a?sampleProb=2', 'GET', 400, /sampleProb/],
  ['/api/v0/web/debug/a?sampleProb=x', 'GET', 400, /sampleProb/],
  ['/api/v0/web/debug/a', 'GET', 500, /^the live debugging service is disabled/],
];
for (const [target, method, status, text] of answers) {
  test(`${method} ${target} is answered with ${status}`, async () => {
    await using runtime = new ToyRuntime();
    const response = await open(runtime).ask(target, method);
    assert.equal(response.status, status);
    assert.match(response.text, text);
  });
}

test('the web API is under the prefix, and nothing else is', async () => {
  await using runtime = new ToyRuntime();
  const { ask } = open(runtime, { uiPathPrefix: '/alloy/' });
  const statuses = ['/alloy/api/v0/web/components', '/api/v0/web/components', '/metrics', '/alloy/metrics'].map(
    async (target) => (await ask(target)).status,
  );
  assert.deepEqual(await Promise.all(statuses), [200, 404, 200, 404]);
});
