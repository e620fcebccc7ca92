import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { sleep, startCollector, withFolder } from './collector.ts';
import { logCases, logConfig, type LogCase } from './log-cases.ts';
import { seededRandom, writeLines } from './log-corpus.ts';
import { MeasuredProcess } from './measured-process.ts';

const fileCount = 4;

interface Received {
  readonly entries: number;
  readonly bytes: number;
  readonly requests: number;
}

/**
 * Log files as fast as they can be read: through stages to a push endpoint in another process. Counts the CPU of the
 * collector from when the files appear until their last line has arrived. Arguments: names of cases; all without any.
 */
export async function run(names: readonly string[]): Promise<void> {
  const wanted = names.length === 0 ? Object.keys(logCases) : names;
  for (const name of wanted) {
    const logCase = logCases[name];
    if (logCase === undefined) throw new Error(`the cases are: ${Object.keys(logCases).join(', ')}`);
    console.log(`${name}: ${logCase.title}`);
    await withFolder((folder) => runCase(logCase, folder));
  }
}

async function runCase(logCase: LogCase, folder: string): Promise<void> {
  const waiting = path.join(folder, 'waiting');
  const logs = path.join(folder, 'logs');
  await mkdir(waiting);
  const files = Array.from({ length: fileCount }, (_, index) => path.join(waiting, `${index}.log`));
  const linesPerFile = logCase.lines / fileCount;
  let size = 0;
  for (const [index, file] of files.entries()) {
    const random = seededRandom(index + 1);
    size += writeLines(file, linesPerFile, (line) => logCase.line(random, line));
  }
  const floorSeconds = await floor(files);

  const receiver = new MeasuredProcess([path.join(import.meta.dirname, 'log-receiver.ts')]);
  const { port } = await receiver.message<{ port: number }>();
  const { process: collector, metric } = await startCollector(folder, logConfig(logs, await logCase.stages(), port));
  try {
    await sleep(1000);
    const idle = collector.memory();
    const cpuBefore = collector.cpuSeconds();
    await rename(waiting, logs);
    const start = performance.now();
    let received: Received = { entries: 0, bytes: 0, requests: 0 };
    for (let lines = 0; lines < logCase.lines;) {
      await sleep(50);
      receiver.send({});
      received = await receiver.message<Received>();
      lines = logCase.counter === undefined ? received.entries : await metric(logCase.counter);
    }
    const seconds = (performance.now() - start) / 1000;
    const cpu = collector.cpuSeconds() - cpuBefore;
    const { peak } = collector.memory();

    const perRequest = received.requests === 0 ? 0 : received.bytes / received.requests / 1024;
    const rows = [
      ['lines', `${logCase.lines}, ${(size / 1e6).toFixed(0)} MB in ${fileCount} files`],
      ['requests', `${received.requests} of ${perRequest.toFixed(0)} KiB before compression`],
      ['lines per CPU-second', String(Math.round(logCase.lines / cpu))],
      ['MB per CPU-second', (size / 1e6 / cpu).toFixed(1)],
      ['CPU, elapsed', `${cpu.toFixed(2)} s, ${seconds.toFixed(2)} s`],
      ['resident, idle and peak', `${(idle.now / 1e6).toFixed(1)} MB, ${(peak / 1e6).toFixed(1)} MB`],
      ['floor', `${Math.round(logCase.lines / floorSeconds)} lines per CPU-second: read, find lines, compress`],
      ['ratio to the floor', (cpu / floorSeconds).toFixed(2)],
    ];
    for (const [label = '', value = ''] of rows) console.log(`  ${label.padEnd(24)} ${value}`);
  } finally {
    await collector.stop();
    await receiver.stop();
  }
}

async function floor(files: readonly string[]): Promise<number> {
  const process = new MeasuredProcess([path.join(import.meta.dirname, 'log-floor.ts'), ...files]);
  const { cpuSeconds } = await process.message<{ cpuSeconds: number }>();
  await process.stop();
  return cpuSeconds;
}
