import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { noLog } from '../../src/base/log.ts';
import { components } from '../../src/components/index.ts';
import { Runtime } from '../../src/runtime/runtime.ts';
import { oneLine } from '../../src/syntax/diagnostic.ts';
import { processEnvironment } from '../../src/syntax/stdlib/environment.ts';
import { standardLibrary } from '../../src/syntax/stdlib/library.ts';
import { startLokiReceiver } from '../../src/testkit/loki-receiver.ts';
import { pushBody, streamOf } from '../../src/testkit/push-client.ts';
import { testProgram } from '../../src/testkit/runtime-options.ts';
import { serve } from '../../src/testkit/test-server.ts';
import { until } from '../../src/testkit/until.ts';

/*
 * Pushes through the runtime while it loads other configurations.
 */

async function freePort(): Promise<string> {
  await using server = await serve(() => undefined);
  return server.url.port;
}

test('reloads, also with the component under another name, lose no request and refuse no connection', async (t) => {
  await using loki = await startLokiReceiver();
  const port = await freePort();
  const runtime = new Runtime({
    components,
    configBlocks: new Map(),
    library: standardLibrary(processEnvironment('v0.0.0')),
    log: noLog,
    minimumStability: 'experimental',
    program: testProgram,
    dataDir: (id) => path.join(tmpdir(), 'push-reload', id),
  });
  t.after(() => runtime.stop(5000));
  const load = async (name: string, version: number): Promise<void> => {
    const text = `
      loki.source.api "${name}" {
        http {
          listen_address = "127.0.0.1"
          listen_port    = ${port}
        }
        labels     = {version = "${version}"}
        forward_to = [loki.write.out.receiver]
      }
      loki.write "out" {
        endpoint {
          url        = "${loki.url}"
          batch_wait = "5ms"
        }
      }`;
    const { isLoaded, diagnostics } = await runtime.load({ sources: [{ name: 'a.alloy', text }], modulePath: '/' });
    assert.ok(isLoaded, diagnostics.map(oneLine).join('\n'));
  };
  await load('first', 0);

  let isDone = false;
  const statuses: number[] = [];
  const delivered: string[] = [];
  const headers = { 'content-type': 'application/x-protobuf', connection: 'close' };
  const client = async (name: number): Promise<void> => {
    for (let index = 0; !isDone; index++) {
      const line = `${name}.${index}`;
      const body = new Uint8Array(pushBody(streamOf('{a="b"}', line)));
      const { status } = await fetch(`http://127.0.0.1:${port}/loki/api/v1/push`, { method: 'POST', body, headers });
      statuses.push(status);
      if (status === 204) delivered.push(line);
    }
  };
  // The server begins to listen a little after the load.
  await until(() => fetch(`http://127.0.0.1:${port}/ready`).then(({ ok }) => ok, () => false)); // prettier-ignore
  const clients = Array.from({ length: 4 }, (_, name) => client(name));
  for (let version = 1; version <= 10; version++) {
    const before = statuses.length;
    await load(version % 3 === 0 ? `other${version}` : 'first', version);
    await until(() => statuses.length > before + 8);
  }
  isDone = true;
  await Promise.all(clients);

  const refused = statuses.filter((status) => status !== 204);
  assert.deepEqual(new Set(refused), new Set(refused.length > 0 ? [503] : []), 'only a stopped component refuses');
  const arrived = new Set(loki.accepted.map(({ line }) => line));
  assert.deepEqual(
    delivered.filter((line) => !arrived.has(line)),
    [],
  );
});
