import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ChildProgram } from '../../src/testkit/child-program.ts';
import { startLokiReceiver, type LokiReceiver } from '../../src/testkit/loki-receiver.ts';
import { until } from '../../src/testkit/until.ts';

/*
 * The real program in a process of its own, with real files before it and a real HTTP server behind it.
 */
class Pipeline implements AsyncDisposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'pipeline-'));
  readonly logs = path.join(this.folder, 'logs');
  readonly config = path.join(this.folder, 'config.alloy');
  readonly receiver: LokiReceiver;
  readonly port: number;
  #program: ChildProgram | undefined;

  private constructor(receiver: LokiReceiver, port: number) {
    this.receiver = receiver;
    this.port = port;
    mkdirSync(this.logs);
  }

  static async start(stages = ''): Promise<Pipeline> {
    const pipeline = new Pipeline(await startLokiReceiver(), await freePort());
    pipeline.configure(stages);
    await pipeline.run();
    return pipeline;
  }

  configure(stages: string): void {
    writeFileSync(
      this.config,
      `
      local.file_match "all" {
        path_targets = [{"__path__" = "${this.logs}/*.log", "app" = "test"}]
        sync_period  = "100ms"
      }
      loki.source.file "all" {
        targets    = local.file_match.all.targets
        forward_to = [loki.process.all.receiver]
      }
      loki.process "all" {
        ${stages}
        forward_to = [loki.write.out.receiver]
      }
      loki.write "out" {
        endpoint {
          url                = "${this.receiver.url}"
          batch_wait         = "50ms"
          min_backoff_period = "20ms"
          max_backoff_period = "100ms"
        }
      }
    `,
    );
  }

  get program(): ChildProgram {
    assert.ok(this.#program);
    return this.#program;
  }

  async run(): Promise<void> {
    const flags = [`--storage.path=${this.folder}/data`, `--server.http.listen-addr=127.0.0.1:${this.port}`];
    this.#program = new ChildProgram('bin/millrace', ['run', ...flags, this.config]);
    await this.#program.says(/Millrace is running/);
  }

  /** Ends the program, and tells its exit code. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.program.signal(signal);
    return (await this.program.result).code;
  }

  append(file: string, text: string | Buffer): void {
    appendFileSync(path.join(this.logs, file), text);
  }

  async get(route: string, method = 'GET'): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${route}`, { method });
    return { status: response.status, text: await response.text() };
  }

  /** The sum over the series of a metric whose labels match. */
  async metric(name: string, labels = /./): Promise<number> {
    const { text } = await this.get('/metrics');
    const series = text.split('\n').filter((line) => line.startsWith(`${name}{`) && labels.test(line));
    return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');
}

/** Every numbered line is there at least once. */
function assertNothingLost(receiver: LokiReceiver, count: number): void {
  const arrived = new Set(receiver.accepted.map(({ line }) => line));
  const missing = Array.from({ length: count }, (_, index) => `line ${index}`).filter((line) => !arrived.has(line));
  assert.deepEqual(missing, []);
}

test('lines of files arrive at Loki, with what the stages made of them', async () => {
  await using pipeline = await Pipeline.start(`
    stage.cri { }
    stage.json {
      expressions = {level = "", trace = "trace_id"}
    }
    stage.labels {
      values = {level = ""}
    }
    stage.structured_metadata {
      values = {trace_id = "trace"}
    }
  `);
  pipeline.append('a.log', '2026-01-02T03:04:05.123456789Z stderr F {"level":"warn","trace_id":"abc","n":1}\n');
  const [entry] = await pipeline.receiver.entries(1);
  assert.deepEqual(entry?.labels, {
    app: 'test',
    filename: path.join(pipeline.logs, 'a.log'),
    level: 'warn',
    stream: 'stderr',
  });
  assert.equal(entry?.line, '{"level":"warn","trace_id":"abc","n":1}');
  assert.equal(entry?.timestampNs, '1767323045123456789');
  assert.deepEqual(entry?.metadata, { trace_id: 'abc' });
  assert.match(String(entry?.headers['user-agent']), /^Millrace\/v\d/);

  assert.equal((await pipeline.get('/-/ready')).status, 200);
  assert.equal((await pipeline.get('/-/healthy')).status, 200);
  assert.equal(await pipeline.metric('loki_write_sent_entries_total'), 1);
  assert.equal(await pipeline.metric('millrace_edge_delivered_items_total', /to="loki.write.out"/), 1);
});

test('after kill -9 nothing is missing, whatever the receiver does', async () => {
  await using pipeline = await Pipeline.start();
  const { receiver } = pipeline;
  let written = 0;
  for (const answer of [204, 500, 'hang', 429, 'close'] as const) {
    receiver.answer(answer);
    pipeline.append('a.log', lines(written, written + 500));
    written += 500;
    await receiver.attempts(receiver.requests.length + 1);
    renameSync(path.join(pipeline.logs, 'a.log'), path.join(pipeline.logs, `a.log.${written}`));
    pipeline.append('a.log', lines(written, written + 500));
    written += 500;
    assert.equal(await pipeline.stop('SIGKILL'), null);
    receiver.answer(204);
    await pipeline.run();
    await until(() => receiver.accepted.some(({ line }) => line === `line ${written - 1}`));
  }
  await pipeline.stop('SIGTERM');
  assertNothingLost(receiver, written);
});

test('a stop delivers what was read, and what cannot be delivered is read again', async () => {
  await using pipeline = await Pipeline.start();
  const { receiver } = pipeline;
  pipeline.append('a.log', lines(0, 100));
  await until(async () => (await pipeline.metric('loki_source_file_read_lines_total')) === 100);
  assert.equal(await pipeline.stop('SIGTERM'), 0);
  assertNothingLost(receiver, 100);

  await pipeline.run();
  receiver.answer(503);
  pipeline.append('a.log', lines(100, 200));
  await receiver.attempts(receiver.requests.length + 2);
  pipeline.program.signal('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await pipeline.stop('SIGKILL'), null);

  receiver.answer(204);
  await pipeline.run();
  await receiver.entries(200);
  assertNothingLost(receiver, 200);
  assert.deepEqual(receiver.duplicates(), [], 'what was delivered before the stop is not sent again');
});

test('a reload takes effect as a whole or not at all, by signal and by request', async () => {
  await using pipeline = await Pipeline.start();
  const { receiver } = pipeline;
  pipeline.append('a.log', 'line 0\n');
  await receiver.entries(1);

  pipeline.configure('stage.static_labels {\nvalues = {version = "2"}\n}');
  const { status, text } = await pipeline.get('/-/reload', 'POST');
  assert.deepEqual([status, text], [200, 'config reloaded\n']);
  pipeline.append('a.log', 'line 1\n');
  await receiver.entries(2);
  assert.equal(receiver.accepted[1]?.labels.version, '2');

  pipeline.configure('stage.static_labels {\nvalues = 3\n}\nstage.nothing { }');
  const refused = await pipeline.get('/-/reload', 'POST');
  assert.equal(refused.status, 400);
  assert.match(refused.text, /should be object, got number/);
  assert.match(refused.text, /unrecognized block name "stage.nothing"/);
  pipeline.program.signal('SIGHUP');
  await pipeline.program.says(/failed to reload config/);
  assert.equal(await pipeline.metric('alloy_config_last_load_successful'), 0);
  pipeline.append('a.log', 'line 2\n');
  await receiver.entries(3);
  assert.equal(receiver.accepted[2]?.labels.version, '2', 'the old configuration goes on');

  pipeline.configure('stage.static_labels {\nvalues = {version = "3"}\n}');
  pipeline.program.signal('SIGHUP');
  await pipeline.program.says(/config reloaded[^]*config reloaded/);
  pipeline.append('a.log', 'line 3\n');
  await receiver.entries(4);
  assert.equal(receiver.accepted[3]?.labels.version, '3');
  assertNothingLost(receiver, 4);
  assert.deepEqual(receiver.duplicates(), []);
});

test('every line that was read is delivered, dropped with a reason, or held, at any moment', async () => {
  await using pipeline = await Pipeline.start('stage.drop {\nexpression = "[05]$"\n}');
  const { receiver } = pipeline;
  const account = async () => {
    const { text } = await pipeline.get('/metrics');
    const sum = (name: string): number =>
      Array.from(text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm')), ([, value]) => Number(value)).reduce(
        (total, value) => total + value,
        0,
      );
    return {
      read: sum('millrace_source_file_lines_read_total'),
      delivered: sum('millrace_source_file_lines_delivered_total'),
      dropped: sum('millrace_source_file_lines_dropped_total'),
      held: sum('millrace_source_file_lines_held'),
      droppedByStage: sum('loki_process_dropped_lines_total'),
      sent: sum('loki_write_sent_entries_total'),
      droppedByWriter: sum('loki_write_dropped_entries_total'),
      queued: sum('loki_write_queue_entries'),
    };
  };
  receiver.answer(500);
  let written = 0;
  for (let round = 0; round < 20; round++) {
    pipeline.append(`${round % 3}.log`, lines(written, (written += 1000)));
    if (round === 12) {
      await until(async () => (await account()).held > 0);
      receiver.answer(204);
    }
    const { read, delivered, dropped, held } = await account();
    assert.equal(read, delivered + dropped + held);
  }
  await until(async () => (await account()).delivered === written);
  const { held, sent, droppedByStage, droppedByWriter, queued } = await account();
  assert.deepEqual({ held, queued, droppedByWriter }, { held: 0, queued: 0, droppedByWriter: 0 });
  assert.equal(droppedByStage, written / 5);
  assert.equal(sent, written - droppedByStage);
});

test('bad input is named and counted, and everything else goes on', async () => {
  await using pipeline = await Pipeline.start('stage.cri { }\nstage.json {\nexpressions = {level = ""}\n}');
  const { receiver } = pipeline;
  const garbage = Buffer.from(
    Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256).filter((byte) => byte !== 10),
  );
  pipeline.append('binary.log', Buffer.concat([garbage, Buffer.from('\n')]));
  pipeline.append('crlf.log', 'with carriage return\r\n');
  pipeline.append(
    'long.log',
    Buffer.concat([Buffer.alloc(10 * 1024 * 1024 + 100_000, 0x61), Buffer.from('\nafter the long line\n')]),
  );
  pipeline.append('endless.log', Buffer.alloc(12 * 1024 * 1024, 0x62));
  mkdirSync(path.join(pipeline.logs, 'folder.log'));
  pipeline.append('utf8.log', Buffer.from([0xff, 0xc3, 0x41, 0xc3, 0x0a]));
  pipeline.append('gone.log', 'vanishes\n');
  await until(() => receiver.accepted.some(({ line }) => line === 'vanishes'));
  rmSync(path.join(pipeline.logs, 'gone.log'));
  pipeline.append('good.log', lines(0, 100));
  await until(() => receiver.accepted.some(({ line }) => line === 'line 99'));
  await until(() => receiver.accepted.some(({ line }) => line === 'after the long line'));

  assert.ok(receiver.accepted.some(({ line }) => line === 'with carriage return'));
  assert.ok(receiver.accepted.some(({ labels }) => labels.filename?.endsWith('binary.log')));
  assert.ok(receiver.accepted.some(({ labels, line }) => labels.filename?.endsWith('utf8.log') && line.includes('A')));
  const long = receiver.accepted.find(({ labels }) => labels.filename?.endsWith('long.log'));
  assert.equal(long?.line.length, 10 * 1024 * 1024);
  assert.equal(await pipeline.metric('loki_source_file_dropped_bytes_total', /reason="line_too_long"/), 100_001);
  assertNothingLost(receiver, 100);
  assert.equal((await pipeline.get('/-/healthy')).status, 200);
  const resident = (await pipeline.get('/metrics')).text.match(/^process_resident_memory_bytes (\S+)$/m);
  assert.ok(Number(resident?.[1]) < 400e6, `${resident?.[1]} bytes are resident`);
});

test('a configuration with mistakes starts nothing: all are printed, and the exit code is 1', async () => {
  await using pipeline = await Pipeline.start();
  await pipeline.stop('SIGTERM');
  pipeline.append('a.log', 'line 0\n');
  pipeline.configure('stage.cri {\nmax_partial_lines = 0\n}\nstage.regex {\nexpression = "("\n}\nstage.drop { }');
  const program = new ChildProgram('bin/millrace', [
    'run',
    `--server.http.listen-addr=127.0.0.1:${pipeline.port}`,
    pipeline.config,
  ]);
  const { code, stderr } = await program.result;
  assert.equal(code, 1);
  assert.match(stderr, /max_partial_lines must be greater than 0/);
  assert.match(stderr, /missing closing \)/);
  assert.match(stderr, /drop stage must contain at least one of/);
  assert.deepEqual(pipeline.receiver.requests, []);
});
