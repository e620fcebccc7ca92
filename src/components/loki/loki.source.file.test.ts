import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { logTo, type LogFields } from '../../base/log.ts';
import { openMetrics } from '../../component/metrics.ts';
import { DeliveryError, type Consumer, type Settle } from '../../flow/delivery.ts';
import { Labels } from '../../model/labels.ts';
import { entriesOf, type LogBatch, type LogEntry } from '../../model/log-batch.ts';
import { argumentsFrom, problemsWith } from '../../testkit/arguments.ts';
import { testProgram } from '../../testkit/runtime-options.ts';
import { lokiSourceFile } from './loki.source.file.ts';

/** Takes entries as the test directs it. */
class Sink implements Consumer<LogBatch> {
  readonly entries: LogEntry[] = [];
  readonly holds: Settle[] = [];
  /** What happens to batches: taken and delivered at once, delivered later, refused, or never taken. */
  mode: 'take' | 'hold' | 'refuse' | 'reject' | 'stall' = 'take';

  consume(...[batch, delivery]: Parameters<Consumer<LogBatch>['consume']>): Promise<void> | void {
    if (this.mode === 'refuse') throw new DeliveryError('not now', { retryable: true, retryAfter: 5 });
    if (this.mode === 'reject') throw new DeliveryError('never', { retryable: false });
    this.entries.push(...entriesOf(batch));
    if (this.mode === 'hold') this.holds.push(delivery.hold());
    if (this.mode === 'stall') return new Promise(() => undefined);
    return undefined;
  }

  get lines(): string[] {
    return this.entries.map(({ line }) => line);
  }

  async take(count: number): Promise<string[]> {
    await until(() => this.entries.length >= count);
    return this.entries.splice(0).map(({ line }) => line);
  }
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await isDone())) {
    assert.ok(Date.now() < end, 'it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

class Source {
  readonly sink: Sink;
  readonly root: string;
  readonly logged: { readonly message: string; readonly fields: LogFields }[] = [];
  health = '';
  readonly #metrics = openMetrics(lokiSourceFile.metrics);
  readonly #abort = new AbortController();
  readonly #instance: ReturnType<typeof lokiSourceFile.build>;
  #running: Promise<void> | undefined;

  constructor(root: string, sink: Sink, text: string) {
    this.root = root;
    this.sink = sink;
    this.#instance = lokiSourceFile.build({
      id: 'loki.source.file.test',
      args: this.#decode(text),
      log: logTo((_level, message, fields) => this.logged.push({ message, fields })),
      metrics: this.#metrics.meters,
      dataDir: path.join(root, 'data'),
      minimumStability: 'generally-available',
      program: testProgram,
      export: () => undefined,
      health: (state, message) => (this.health = `${state}: ${message}`),
    });
  }

  async start(): Promise<void> {
    const { signal } = this.#abort;
    await this.#instance.prepare?.(signal);
    this.#running = this.#instance.run?.(signal);
  }

  update(text: string): void {
    this.#instance.update?.(this.#decode(text));
  }

  /** Ends the run; answers of the sink can still come until `close`. */
  async end(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async close(): Promise<void> {
    await this.end();
    await this.#instance.close?.();
  }

  /** What the positions file says. */
  async positions(): Promise<string> {
    return readFile(path.join(this.root, 'data', 'positions.yml'), 'utf8').catch(() => '');
  }

  targets(): readonly { readonly path: string; readonly is_running: boolean; readonly read_offset: number }[] {
    return this.#instance.debugInfo?.().targets_info ?? [];
  }

  /** The values of a metric by the values of its labels. */
  metric(name: string): Record<string, number> {
    const family = this.#metrics.collect().find((candidate) => candidate.name === name);
    return Object.fromEntries(
      family?.series.map(({ labels, meter }) => [
        labels.map(([, value]) => value).join(),
        'value' in meter ? meter.value : Number.NaN,
      ]) ?? [],
    );
  }

  #decode(text: string) {
    return { ...argumentsFrom(lokiSourceFile.arguments, text), forward_to: this.sink };
  }
}

const fast = 'forward_to = []\nfile_watch {\n  min_poll_frequency = "10ms"\n  max_poll_frequency = "10ms"\n}\n';

/** The arguments for some paths. */
function reading(...files: readonly string[]): string {
  return `${fast}targets = [${files.map((file) => `{ __path__ = ${JSON.stringify(file)}, job = "test", __x = "y" }`).join(', ')}]\n`;
}

/** Sources by the folder they work in; they end before it is removed. */
const sources = new Map<string, Source[]>();

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'source-file-'));
  sources.set(root, []);
  t.after(async () => {
    for (const source of sources.get(root) ?? []) await source.close();
    sources.delete(root);
    await rm(root, { recursive: true });
  });
  return root;
}

async function start(root: string, text: string, sink = new Sink()): Promise<Source> {
  const source = new Source(root, sink, text);
  sources.get(root)?.push(source);
  await source.start();
  return source;
}

test('lines become entries with the labels of their target, the file name and growing times', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n\ntwo\n');
  const before = Date.now();
  const { sink } = await start(root, reading(file));
  await until(() => sink.entries.length === 3);
  assert.deepEqual(sink.lines, ['one', '', 'two']);
  for (const entry of sink.entries) {
    assert.equal(entry.labels, Labels.fromRecord({ job: 'test', filename: file }));
    assert.ok(entry.seconds >= Math.floor(before / 1000));
  }
  const [first, second, third] = sink.entries.map(
    ({ seconds, nanos }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
  );
  assert.deepEqual([second, third], [(first ?? 0n) + 1n, (first ?? 0n) + 2n]);
});

test('the position is the end of what was delivered, and a later run goes on there', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'writing some text\n');
  const first = await start(root, reading(file));
  assert.deepEqual(await first.sink.take(1), ['writing some text']);
  await first.close();
  assert.match(await first.positions(), new RegExp(`\\? path: ${file}\\n    labels: '\\{job="test"\\}'\\n  : "18"\\n`));

  const second = await start(root, reading(file));
  await appendFile(file, 'and something else...\n');
  assert.deepEqual(await second.sink.take(1), ['and something else...']);
  await second.close();
  assert.match(await second.positions(), /: "40"\n/);
});

test('positions are saved soon after delivery, without waiting for the end', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const source = await start(root, reading(file));
  await until(async () => (await source.positions()).includes(': "4"'));
});

test('entries that were under way at a crash are sent again, and nothing else', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const first = await start(root, reading(file));
  await first.sink.take(1);
  await until(() => first.targets()[0]?.read_offset === 4);
  first.sink.mode = 'hold';
  await appendFile(file, 'two\n');
  await first.sink.take(1);
  await appendFile(file, 'three\n');
  await first.sink.take(1);
  first.sink.holds[1]?.();
  await until(async () => (await first.positions()).includes(': "4"'));

  const second = await start(root, reading(file));
  assert.deepEqual(await second.sink.take(2), ['two', 'three']);
});

test('answers that come after the end of the run still count', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const sink = new Sink();
  sink.mode = 'hold';
  const source = await start(root, reading(file), sink);
  await sink.take(1);
  await source.end();
  sink.holds[0]?.();
  await source.close();
  assert.match(await source.positions(), /: "4"\n/);
});

test('a run ends promptly while an entry is not taken, and its position stays before it', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, '1\n');
  const source = await start(root, reading(file));
  await source.sink.take(1);
  await until(() => source.targets()[0]?.read_offset === 2);
  source.sink.mode = 'stall';
  await appendFile(file, '2\n');
  await source.sink.take(1);
  await source.close();
  assert.match(await source.positions(), /: "2"\n/);
});

test('entries that are refused for now are sent again with the same times, and the others after them', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\ntwo\n');
  const sink = new Sink();
  sink.mode = 'refuse';
  const source = await start(root, reading(file), sink);
  await appendFile(file, 'three\n');
  assert.equal(source.targets()[0]?.read_offset ?? 0, 0);
  sink.mode = 'take';
  assert.deepEqual(await sink.take(3), ['one', 'two', 'three']);
  await until(() => source.targets()[0]?.read_offset === 14);
  assert.deepEqual(source.metric('loki_source_file_read_lines_total'), { [file]: 3 });
});

test('entries that are lost on the way are sent again', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const sink = new Sink();
  sink.mode = 'hold';
  const source = await start(root, reading(file), sink);
  await until(() => sink.holds.length === 1);
  const [before] = sink.entries.splice(0);
  sink.mode = 'take';
  sink.holds[0]?.(new DeliveryError('connection reset', { retryable: true }));
  await until(() => sink.entries.length === 1);
  assert.deepEqual(sink.entries[0], before);
  await until(() => source.targets()[0]?.read_offset === 4);
});

test('entries that will never be accepted are passed over', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const sink = new Sink();
  sink.mode = 'reject';
  const source = await start(root, reading(file), sink);
  await until(() => source.targets()[0]?.read_offset === 4);
  sink.mode = 'take';
  await appendFile(file, 'two\n');
  assert.deepEqual(await sink.take(1), ['two']);
});

test('an update keeps what is followed, starts what is new and stops what is not wanted', async (t) => {
  const root = await folder(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => path.join(root, `${name}.log`)) as [string, string, string];
  for (const file of [a, b, c]) await writeFile(file, 'one\n');
  const source = await start(root, reading(a, b));
  await source.sink.take(2);
  source.update(reading(b, c));
  assert.deepEqual(await source.sink.take(1), ['one']);
  await until(() => source.targets().length === 2);
  assert.deepEqual(
    source.targets().map((target) => target.path),
    [b, c],
  );
  assert.deepEqual(source.metric('loki_source_file_files_active_total'), { '': 2 });
  assert.deepEqual(Object.keys(source.metric('loki_source_file_read_lines_total')), [b, c]);

  await appendFile(a, 'two\n');
  source.update(reading(a, b, c));
  assert.deepEqual(await source.sink.take(1), ['two'], 'the position of a target that was away is kept');
});

test('equal targets are read once, and other labels are read on their own', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const target = (job: string) => `{ __path__ = ${JSON.stringify(file)}, job = "${job}" }`;
  const source = await start(root, `${fast}targets = [${target('a')}, ${target('a')}, ${target('b')}]`);
  await source.sink.take(2);
  await source.close();
  assert.equal(source.metric('loki_source_file_files_active_total')[''], 0);
  const text = await source.positions();
  assert.match(text, /labels: '\{job="a"\}'\n {2}: "4"/);
  assert.match(text, /labels: '\{job="b"\}'\n {2}: "4"/);
});

test('a missing file is told once, and read when it appears', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  const source = await start(root, reading(file));
  await until(() => (source.metric('loki_source_file_read_errors_total')['missing'] ?? 0) >= 2);
  assert.equal(source.health, `unhealthy: 1 of 1 files cannot be read, such as "${file}": no such file`);
  const warnings = source.logged.filter(({ message }) => message === 'cannot read file, will try again');
  assert.deepEqual(warnings, [{ message: warnings[0]?.message, fields: { path: file, error: 'no such file' } }]);
  await writeFile(file, 'one\n');
  assert.deepEqual(await source.sink.take(1), ['one']);
  await until(() => source.health === 'healthy: all files are followed');
});

test('a file that cannot be read does not keep others from being read', async (t) => {
  const root = await folder(t);
  const [bad, good] = [path.join(root, 'bad.log'), path.join(root, 'good.log')];
  await mkdir(bad);
  await writeFile(good, 'one\n');
  const source = await start(root, reading(bad, good));
  assert.deepEqual(await source.sink.take(1), ['one']);
  await until(() => (source.metric('loki_source_file_read_errors_total')['not_a_file'] ?? 0) > 0);
});

test('a file that is deleted when its run begins does not block the end', async (t) => {
  const root = await folder(t);
  const file = path.join(root, 'a.log');
  await writeFile(file, 'one\n');
  const source = await start(root, reading(file));
  await unlink(file);
  await source.close();
});

test('a position that is not a number is handled as the arguments say', async (t) => {
  const cases = [
    ['skip', [], 'x'],
    ['restart_from_end', ['new'], '21'],
    ['restart_from_beginning', ['sixteen bytes...', 'new'], '21'],
  ] as const;
  for (const [reaction, lines, position] of cases) {
    const root = await folder(t);
    const file = path.join(root, 'a.log');
    await writeFile(file, 'sixteen bytes...\n');
    await mkdir(path.join(root, 'data'));
    const labels = `'{job="test"}'`;
    const broken = position === 'x' ? 'x' : String.raw`"\0\0\0\0123"`;
    await writeFile(
      path.join(root, 'data', 'positions.yml'),
      `positions:\n  ? path: ${file}\n    labels: ${labels}\n  : ${broken}\n`,
    );
    const source = await start(root, `${reading(file)}on_positions_file_error = "${reaction}"`);
    await until(() => source.logged.some(({ message }) => message === 'position of file is not a number'));
    if (position !== 'x') await until(() => source.metric('loki_source_file_file_bytes_total')[file] === 17);
    await appendFile(file, 'new\n');
    assert.deepEqual(await source.sink.take(lines.length), lines, reaction);
    assert.equal(source.targets().length, lines.length === 0 ? 0 : 1, reaction);
    await source.close();
    assert.ok((await source.positions()).includes(position), reaction);
  }
});

test('a positions file that is broken fails the load with its name', async (t) => {
  const root = await folder(t);
  await mkdir(path.join(root, 'data'));
  const file = path.join(root, 'data', 'positions.yml');
  await writeFile(file, 'positions:\n  ? path: "/a\n');
  await assert.rejects(start(root, reading()), (error: Error) => error.message.includes(file));
});

test('with file_match, paths are patterns', async (t) => {
  const root = await folder(t);
  for (const name of ['a.log', 'b.log', 'c.txt']) await writeFile(path.join(root, name), `${name}\n`);
  const targets = `targets = [{ __path__ = "${root}/*.log", __path_exclude__ = "${root}/b*" }, { __path__ = "[" }]`;
  const source = await start(root, `${fast}${targets}\nfile_match {\n enabled = true\n sync_period = "20ms"\n}`);
  assert.deepEqual(await source.sink.take(1), ['a.log']);
  assert.equal(source.health, 'unhealthy: malformed pattern "[": a character class has no "]"');
  await writeFile(path.join(root, 'd.log'), 'd\n');
  assert.deepEqual(await source.sink.take(1), ['d']);
  await unlink(path.join(root, 'a.log'));
  await until(() => source.targets().length === 1);
});

test('with file_match, files that are too old are left out unless they are followed already', async (t) => {
  const root = await folder(t);
  const options = 'enabled = true\n sync_period = "20ms"\n ignore_older_than = "1s"';
  const text = `${fast}targets = [{ __path__ = "${root}/*.log" }]\nfile_match {\n ${options}\n}`;
  await writeFile(path.join(root, 'old.log'), 'old\n');
  await utimes(path.join(root, 'old.log'), 1000, 1000);
  await writeFile(path.join(root, 'new.log'), 'new\n');
  const source = await start(root, text);
  assert.deepEqual(await source.sink.take(1), ['new']);
  await utimes(path.join(root, 'new.log'), 1000, 1000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(
    source.targets().map((target) => path.basename(target.path)),
    ['new.log'],
  );
});

test('targets without a path are told', async (t) => {
  const source = await start(await folder(t), `${fast}targets = [{ job = "x" }]`);
  await until(() => source.health === 'unhealthy: targets without "__path__" are ignored');
});

test('many files are followed, rotated and read to their ends', async (t) => {
  const root = await folder(t);
  const files = Array.from({ length: 200 }, (_, index) => path.join(root, `${index}.log`));
  await Promise.all(files.map((file) => writeFile(file, 'one\ntwo\n')));
  const source = await start(root, reading(...files));
  await source.sink.take(400);
  await Promise.all(
    files.map(async (file) => {
      await appendFile(file, 'three\n');
      await rename(file, `${file}.1`);
      await writeFile(file, 'four\n');
    }),
  );
  const lines = await source.sink.take(400);
  assert.equal(lines.filter((line) => line === 'three').length, 200);
  assert.equal(lines.filter((line) => line === 'four').length, 200);
  await until(() => source.targets().every((target) => target.read_offset === 5));
});

test('arguments that make no sense are refused', () => {
  const cases: readonly [text: string, problem: string][] = [
    ['encoding = "nope"', 'unknown encoding "nope"'],
    ['decompression {\n enabled = true\n format = "zip"\n}', '"zip" is "zip", want one of "gz", "z", "bz2"'],
    ['file_match {\n sync_period = "0s"\n}', 'sync_period must be greater than 0'],
  ];
  for (const [text, problem] of cases)
    assert.deepEqual(problemsWith(lokiSourceFile.arguments, `targets = []\nforward_to = []\n${text}`), [problem]);
  for (const text of [
    'encoding = "utf-8"',
    'encoding = "UTF-16LE"',
    'decompression {\n enabled = false\n format = "gz"\n}',
  ])
    assert.deepEqual(problemsWith(lokiSourceFile.arguments, `targets = []\nforward_to = []\n${text}`), []);
});
