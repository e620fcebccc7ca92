import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startWriteReceiver, type RemoteWriteReceiver } from '../../src/testkit/remote-write-receiver.ts';
import { freePort } from '../../src/testkit/test-server.ts';
import { until } from '../../src/testkit/until.ts';
import { seriesV1, writeV1 } from '../../src/testkit/write-client.ts';

const start = Date.now();

function configFor(receiver: RemoteWriteReceiver, deadline: string): string {
  return `
    prometheus.receive_http "in" {
      http {
        listen_address = "127.0.0.1"
        listen_port    = 0
      }
      forward_to = [prometheus.remote_write.out.receiver]
    }
    prometheus.remote_write "out" {
      endpoint {
        url = "${receiver.url}"
        queue_config {
          batch_send_deadline  = "${deadline}"
          max_samples_per_send = 20
          min_shards           = 2
          max_backoff          = "100ms"
        }
      }
    }`;
}

/** Runs the program, and tells where it takes samples. */
async function run(folder: string, port = 0): Promise<{ program: ChildProgram; url: string }> {
  const flags = [`--server.http.listen-addr=127.0.0.1:${port}`, `--storage.path=${folder}/data`];
  const args = ['run', ...flags, path.join(folder, 'config.alloy')];
  const program = new ChildProgram('bin/millrace', args);
  const address = (): string | undefined => /server listening.*address=(127\.0\.0\.1:\d+)/.exec(program.stderr)?.[1];
  await until(() => address() !== undefined);
  return { program, url: `http://${address()}/api/v1/metrics/write` };
}

/** Sends one sample after the other of a series, until the program is gone; adds those that were answered for. */
async function sendUntilKilled(url: string, series: string, from: number, answered: string[]): Promise<number> {
  for (let value = from; ; value++) {
    const message = { timeseries: [seriesV1({ __name__: 'n', series }, [value, start + value])] };
    // No answer is what a killed program gives.
    const answer = await writeV1(url, message).catch(() => undefined);
    if (answer === undefined) return value + 1;
    if (answer.status === 204) answered.push(`${series} ${value}`);
  }
}

test('samples that were answered for survive kill -9, during an outage too, and stay in order', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using receiver = await startWriteReceiver();
  writeFileSync(path.join(folder, 'config.alloy'), configFor(receiver, '5ms'));
  const answered: string[] = [];
  const next = [0, 0, 0, 0];
  for (let kill = 0; kill < 4; kill++) {
    receiver.answer(kill % 2 === 0 ? 503 : 204);
    const { program, url } = await run(folder);
    await using _ = program;
    const senders = next.map((from, series) => sendUntilKilled(url, `${series}`, from, answered));
    const before = answered.length;
    await until(() => answered.length >= before + 40);
    program.signal('SIGKILL');
    for (const [series, value] of (await Promise.all(senders)).entries()) next[series] = value;
  }
  receiver.answer(204);
  const { program } = await run(folder);
  await using _ = program;
  const seen = (): Set<string> =>
    new Set(receiver.accepted.map(({ labels, samples }) => `${labels['series']} ${samples[0]?.value}`));
  await until(() => answered.every((key) => seen().has(key)));
  program.signal('SIGINT');
  assert.equal((await program.result).code, 0);
  // Some may come twice, but none after a later one of its series did.
  for (let series = 0; series < next.length; series++) {
    const values = [...seen()].filter((key) => key.startsWith(`${series} `)).map((key) => Number(key.split(' ')[1]));
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
  }
});

test('what waits for its request to fill is sent when the program is told to stop', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'remote-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using receiver = await startWriteReceiver();
  writeFileSync(path.join(folder, 'config.alloy'), configFor(receiver, '1h'));
  const port = await freePort();
  const { program, url } = await run(folder, port);
  await using _ = program;
  const answer = writeV1(url, { timeseries: [seriesV1({ __name__: 'n' }, [1, start])] });
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  await until(async () => /prometheus_remote_storage_samples_pending.* 1\n/.test(await metrics()));
  program.signal('SIGINT');
  assert.equal((await answer).status, 204);
  assert.equal((await program.result).code, 0);
  assert.deepEqual(receiver.texts, [`n 1 @${start}`]);
});
