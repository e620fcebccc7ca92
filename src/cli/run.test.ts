import assert from 'node:assert/strict';
import * as http from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { startToyProgram, type ChildProgram } from '../testkit/child-program.ts';
import { until } from '../testkit/until.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(port: number, target: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, method, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end();
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Fixture {
  readonly file: string;
  readonly port: number;
  readonly program: ChildProgram;
  readonly change: (config: string) => Promise<void>;
}

async function start(t: TestContext, config: string, ...flags: readonly string[]): Promise<Fixture> {
  const folder = await mkdtemp(path.join(tmpdir(), 'run-'));
  const file = path.join(folder, 'config.alloy');
  await writeFile(file, config);
  const port = await freePort();
  const own = [`--server.http.listen-addr=127.0.0.1:${port}`, `--storage.path=${path.join(folder, 'data')}`];
  const program = startToyProgram('run', ...own, ...flags, file);
  t.after(async () => {
    await program[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  return { file, port, program, change: (text) => writeFile(file, text) };
}

const pipeline = `
  test.source "in" {
    lines      = ["one"]
    frequency  = "5ms"
    forward_to = [test.sink.out.receiver]
  }
  test.sink "out" { }
`;

async function delivered(port: number): Promise<number> {
  const { body } = await ask(port, '/metrics');
  return Number(/^millrace_edge_delivered_items_total\{.*\} (\d+)$/m.exec(body)?.[1] ?? 0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a configuration runs until ${signal}, and the program ends with 0`, async (t) => {
    const { program, port } = await start(t, pipeline);
    await program.says(/msg="Millrace is running"/);
    assert.deepEqual(await ask(port, '/-/ready'), { status: 200, body: 'Alloy is ready.\n' });
    await until(async () => (await delivered(port)) > 0);
    program.signal(signal);
    const { code, stderr } = await program.result;
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`msg=stopping signal=${signal}\n.*msg=stopped\n$`));
  });
}

test('with a wrong configuration nothing is started, all mistakes are shown, and the program ends with 1', async (t) => {
  const { program } = await start(
    t,
    `
  test.sink "failing" {
    fails = true
  }
  test.passthrough "a" { }
  test.passthrough "b" {
    input = test.passthrough.c.output
  }
`,
  );
  const { code, stderr } = await program.result;
  assert.equal(code, 1);
  assert.match(stderr, /config\.alloy:5:3: missing required attribute "input"/);
  assert.match(stderr, /config\.alloy:7:13: component "test\.passthrough\.c\.output" does not exist/);
  assert.match(stderr, /Error: could not perform the initial load successfully\n$/);
  assert.doesNotMatch(stderr, /node exited/);
});

test('an address in use ends the program with 1, in order', async (t) => {
  const other = net.createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as net.AddressInfo;
  const { program } = await start(t, pipeline, `--server.http.listen-addr=127.0.0.1:${port}`);
  const { code, stderr } = await program.result;
  assert.equal(code, 1);
  assert.match(stderr, /^Error: cannot serve the HTTP API: .*EADDRINUSE/);
});

test('a reload puts all of a right configuration into effect, and nothing of a wrong one', async (t) => {
  const { program, port, change } = await start(t, pipeline);
  await program.says(/is running/);
  const failed = async (config: string, problem: RegExp): Promise<void> => {
    await change(config);
    const { status, body } = await ask(port, '/-/reload', 'POST');
    assert.equal(status, 400);
    assert.match(body, problem);
    assert.doesNotMatch((await ask(port, '/api/v0/web/components')).body, /"new"|"broken"/);
    const before = await delivered(port);
    await until(async () => (await delivered(port)) > before);
    assert.match((await ask(port, '/metrics')).body, /^alloy_config_last_load_successful 0$/m);
  };
  const added = 'test.passthrough "new" {\n input = "x"\n}\n';
  await failed(`${added} a = `, /config\.alloy:4:\d+: /);
  await failed(`${added} test.passthrough "broken" { }`, /missing required attribute "input"/);
  await failed(
    `${added} test.passthrough "broken" {\n input = test.passthrough.new.output\n is_invalid = true\n}`,
    /failed to build component: it was told to/,
  );
  await failed(pipeline.replace('sink.out', 'sink.gone') + added, /"test\.sink\.gone\.receiver" does not exist/);

  await change(`${added} test.sink "out" { }`);
  assert.deepEqual(await ask(port, '/-/reload'), { status: 200, body: 'config reloaded\n' });
  const { body } = await ask(port, '/api/v0/web/components');
  assert.deepEqual(
    (JSON.parse(body) as { localID: string }[]).map(({ localID }) => localID),
    ['test.passthrough.new', 'test.sink.out'],
  );
  const metrics = (await ask(port, '/metrics')).body;
  assert.match(metrics, /^alloy_config_last_load_successful 1$/m);
  assert.match(metrics, /^alloy_config_load_failures_total 4$/m);
});

test('SIGHUP reloads, and the log tells the result', async (t) => {
  const { program, change } = await start(t, pipeline);
  await program.says(/is running/);
  await change('logging {\n format = "json"\n}');
  program.signal('SIGHUP');
  await program.says(/"msg":"config reloaded"/);
  await change('a = ');
  program.signal('SIGHUP');
  await program.says(/"level":"error","msg":"failed to reload config","error":".*config\.alloy:1:\d+: /);
});

test('the API answers before the first load is over', async (t) => {
  const { program, port } = await start(
    t,
    `import.string "slow" {
      content = ""
    }
    test.slow "a" {
      preparation = "1m"
    }`,
  );
  await until(() =>
    ask(port, '/-/ready').then(
      ({ status }) => status === 503,
      () => false,
    ),
  );
  program.signal('SIGTERM');
  const { code, stderr } = await program.result;
  assert.equal(code, 0, stderr);
});

test('a component that does not stop is given up after the deadline', async (t) => {
  const { program } = await start(
    t,
    'test.slow "a" {\n stopping = "1m"\n}',
    '--feature.component-shutdown-deadline=50ms',
  );
  await program.says(/is running/);
  program.signal('SIGTERM');
  const { code, stderr } = await program.result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /msg="task shutdown deadline exceeded"/);
});

test('nothing is loaded any more while the program stops', async (t) => {
  const { program, port, change } = await start(t, 'test.slow "a" {\n stopping = "300ms"\n}');
  await program.says(/is running/);
  program.signal('SIGTERM');
  await program.says(/msg=stopping/);
  await change(pipeline);
  const { status, body } = await ask(port, '/-/reload', 'POST');
  assert.deepEqual([status, body], [400, '-: the program is stopping\n']);
  const { code, stderr } = await program.result;
  assert.equal(code, 0, stderr);
});
