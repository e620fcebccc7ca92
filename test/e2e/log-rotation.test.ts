import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { noLog } from '../../src/base/log.ts';
import { openMetrics } from '../../src/component/metrics.ts';
import { lokiSourceFile } from '../../src/components/loki/loki.source.file.ts';
import { entriesOf } from '../../src/model/log-batch.ts';
import { argumentsFrom } from '../../src/testkit/arguments.ts';
import { testProgram } from '../../src/testkit/runtime-options.ts';

const hasLogrotate = spawnSync('logrotate', ['--version']).error === undefined;
const skip = hasLogrotate || process.env['CI'] === 'true' ? false : 'logrotate is not installed';

interface Run {
  stop(): Promise<void>;
}

/** Follows a file, and adds its lines to a list. */
async function follow(root: string, file: string, lines: string[]): Promise<Run> {
  const poll = 'file_watch {\n min_poll_frequency = "10ms"\n max_poll_frequency = "10ms"\n}';
  const text = `targets = [{ __path__ = ${JSON.stringify(file)} }]\nforward_to = []\n${poll}`;
  const instance = lokiSourceFile.build({
    id: 'loki.source.file.test',
    args: {
      ...argumentsFrom(lokiSourceFile.arguments, text),
      forward_to: {
        consume(batch) {
          for (const { line } of entriesOf(batch)) lines.push(line);
        },
      },
    },
    log: noLog,
    metrics: openMetrics(lokiSourceFile.metrics).meters,
    dataDir: path.join(root, 'data'),
    minimumStability: 'generally-available',
    program: testProgram,
    export: () => undefined,
    health: () => undefined,
  });
  const abort = new AbortController();
  await instance.prepare?.(abort.signal);
  const running = instance.run?.(abort.signal);
  return {
    async stop() {
      abort.abort();
      await running;
      await instance.close?.();
    },
  };
}

/** A folder with a configuration of logrotate in it, and what rotates by it. */
async function rotation(t: TestContext, mode: 'create' | 'copytruncate' | 'nocreate') {
  const root = await mkdtemp(path.join(tmpdir(), 'log-rotation-'));
  t.after(() => rm(root, { recursive: true }));
  const file = path.join(root, 'app.log');
  const config = path.join(root, 'logrotate.conf');
  await writeFile(config, `${file} {\n  rotate 50\n  ${mode}\n  missingok\n}\n`, { mode: 0o600 });
  const rotate = (): void => void execFileSync('logrotate', ['--force', '--state', path.join(root, 'state'), config]);
  return { root, file, rotate };
}

async function pause(time: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, time));
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isDone()) {
    assert.ok(Date.now() < end, 'it takes too long');
    await pause(5);
  }
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index} of a log that is rotated by logrotate`);
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

test('no line is lost or repeated when files are renamed and the writer opens new ones late', { skip }, async (t) => {
  for (const mode of ['create', 'nocreate'] as const) {
    const { root, file, rotate } = await rotation(t, mode);
    const lines: string[] = [];
    let run = await follow(root, file, lines);
    let writer = await open(file, 'a');
    let written = 0;
    for (let round = 0; round < 6; round++) {
      await writer.write(joined(numbered(written, written + 10)));
      await until(() => lines.length === written + 10);
      await writer.write(joined(numbered(written + 10, written + 50)));
      rotate();
      // The writer has not heard of the rotation yet.
      await writer.write(joined(numbered(written + 50, written + 80)));
      await pause(30);
      await writer.write(joined(numbered(written + 80, written + 100)));
      await until(() => lines.length === written + 100);
      await writer.close();
      writer = await open(file, 'a');
      written += 100;
      if (round === 3) {
        // Nobody reads while files are rotated.
        await run.stop();
        for (let count = 0; count < 3; count++) {
          await writer.write(joined(numbered(written, written + 100)));
          rotate();
          await writer.close();
          writer = await open(file, 'a');
          written += 100;
          await pause(20);
        }
        run = await follow(root, file, lines);
        await until(() => lines.length === written);
      }
    }
    await until(() => lines.length === written);
    await writer.close();
    await run.stop();
    assert.deepEqual(lines, numbered(0, written), mode);
  }
});

test('no line is lost or repeated when files are copied and truncated', { skip }, async (t) => {
  const { root, file, rotate } = await rotation(t, 'copytruncate');
  const lines: string[] = [];
  let run = await follow(root, file, lines);
  let written = 0;
  for (let round = 0; round < 6; round++) {
    await appendFile(file, joined(numbered(written, written + 100)));
    written += 100;
    await until(() => lines.length === written);
    // These are in the copy only, as far as they were not read before.
    await appendFile(file, joined(numbered(written, written + 100)));
    written += 100;
    if (round === 3) await run.stop();
    rotate();
    if (round === 3) run = await follow(root, file, lines);
    await appendFile(file, joined(numbered(written, written + 100)));
    written += 100;
    await until(() => lines.length >= written);
  }
  await run.stop();
  assert.deepEqual(lines, numbered(0, written));
});

test('nothing is repeated when reading starts again after rotation', { skip }, async (t) => {
  for (const mode of ['create', 'copytruncate'] as const) {
    const { root, file, rotate } = await rotation(t, mode);
    const lines: string[] = [];
    await appendFile(file, joined(numbered(0, 100)));
    const run = await follow(root, file, lines);
    await until(() => lines.length === 100);
    rotate();
    await appendFile(file, joined(numbered(100, 200)));
    await until(() => lines.length >= 200);
    await run.stop();
    const again = await follow(root, file, lines);
    await appendFile(file, joined(numbered(200, 210)));
    await until(() => lines.length >= 210);
    await again.stop();
    assert.deepEqual(lines, numbered(0, 210), mode);
  }
});
