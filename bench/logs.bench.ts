import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spanText } from '../src/syntax/source.ts';
import { parse } from '../src/syntax/parser.ts';
import { writeCriFile } from './log-corpus.ts';
import { MeasuredProcess } from './measured-process.ts';

const root = path.join(import.meta.dirname, '..');
const seedPipeline = path.join(root, 'examples/seed-pipeline.alloy');

interface Received {
  readonly entries: number;
  readonly bytes: number;
  readonly requests: number;
}

/**
 * Pod logs: CRI files, the seed's `loki.process "pod_logs"`, push to a receiver in another process. Counts the CPU of the
 * collector from when the files appear until their last line has arrived. Arguments: lines in all, files.
 */
export async function run([lineArgument = '2000000', fileArgument = '4']: readonly string[]): Promise<void> {
  const files = Number(fileArgument);
  const linesPerFile = Math.ceil(Number(lineArgument) / files);
  const lines = linesPerFile * files;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-logs-'));
  const receiver = new MeasuredProcess([path.join(import.meta.dirname, 'log-receiver.ts')]);
  try {
    const { port } = await receiver.message<{ port: number }>();
    const waiting = path.join(folder, 'waiting');
    const logs = path.join(folder, 'logs');
    await mkdir(waiting);
    const names = Array.from({ length: files }, (_, index) => `${index}.log`);
    let size = 0;
    for (const [index, name] of names.entries())
      size += writeCriFile(path.join(waiting, name), linesPerFile, index + 1);
    const config = path.join(folder, 'config.alloy');
    await writeFile(config, await configFor(logs, port));

    const floor = new MeasuredProcess([
      path.join(import.meta.dirname, 'log-floor.ts'),
      ...names.map((name) => path.join(waiting, name)),
    ]);
    const { cpuSeconds: floorSeconds } = await floor.message<{ cpuSeconds: number }>();
    await floor.stop();

    const collector = new MeasuredProcess(
      [
        ...(await programFlags()),
        path.join(root, 'dist/main.js'),
        'run',
        config,
        `--storage.path=${path.join(folder, 'data')}`,
        '--server.http.listen-addr=127.0.0.1:0',
      ],
      { stderr: 'ignore' },
    );
    await sleep(2000);
    const idle = collector.memory();
    const cpuBefore = collector.cpuSeconds();
    await rename(waiting, logs);
    const start = performance.now();
    const received = await allReceived(receiver, lines);
    const seconds = (performance.now() - start) / 1000;
    const cpu = collector.cpuSeconds() - cpuBefore;
    const { peak } = collector.memory();
    await collector.stop();

    const megabytes = size / 1e6;
    console.log(
      `pod logs: ${lines} lines, ${megabytes.toFixed(0)} MB in ${files} files, ${received.requests} requests of ${(received.bytes / received.requests / 1024).toFixed(0)} KiB`,
    );
    console.log(`  lines per CPU-second     ${Math.round(lines / cpu)}`);
    console.log(`  MB per CPU-second        ${(megabytes / cpu).toFixed(1)}`);
    console.log(`  CPU, elapsed             ${cpu.toFixed(2)} s, ${seconds.toFixed(2)} s`);
    console.log(`  resident, idle and peak  ${(idle.now / 1e6).toFixed(1)} MB, ${(peak / 1e6).toFixed(1)} MB`);
    console.log(
      `  floor                    ${(lines / floorSeconds / 1e6).toFixed(2)} M lines per CPU-second: read, find lines, compress`,
    );
    console.log(`  ratio to the floor       ${(cpu / floorSeconds).toFixed(2)}`);
  } finally {
    await receiver.stop();
    await rm(folder, { recursive: true });
  }
}

/** The flags of Node.js that the program is started with. */
async function programFlags(): Promise<string[]> {
  const launcher = await readFile(path.join(root, 'bin/millrace'), 'utf8');
  const flags = /^flags='(.*)'$/m.exec(launcher)?.[1];
  if (flags === undefined) throw new Error('bin/millrace has no line with flags');
  return flags.split(' ');
}

/** The source, the stages of the seed pipeline as they are, and a writer to the receiver. */
async function configFor(logs: string, port: number): Promise<string> {
  const source = { name: seedPipeline, text: await readFile(seedPipeline, 'utf8') };
  const process = parse(source).file.body.statements.find(
    (block) => block.kind === 'block' && block.label === 'pod_logs' && block.name === 'loki.process',
  );
  if (process === undefined) throw new Error(`${seedPipeline} has no loki.process "pod_logs"`);
  return `
    local.file_match "pod_logs" {
      path_targets = [{
        "__path__" = "${logs}/*.log",
        namespace  = "shop",
        pod        = "orders-6d5f7c9b8-x2x4k",
        container  = "orders",
        pod_uid    = "0f6d2c51-5b5e-4a0e-9f0e-3a3c0f1b2d11",
        node       = "node-17",
        controller = "ReplicaSet/orders-6d5f7c9b8",
        app        = "orders",
        job        = "shop/orders",
        container_runtime = "containerd",
      }]
      sync_period = "100ms"
    }
    loki.source.file "pod_logs" {
      targets    = local.file_match.pod_logs.targets
      forward_to = [loki.process.pod_logs.receiver]
    }
    ${spanText(process.span)}
    loki.write "loki" {
      endpoint { url = "http://127.0.0.1:${port}/loki/api/v1/push" }
    }
  `;
}

async function allReceived(receiver: MeasuredProcess, lines: number): Promise<Received> {
  for (;;) {
    receiver.send({});
    const received = await receiver.message<Received>();
    if (received.entries >= lines) return received;
    await sleep(20);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
