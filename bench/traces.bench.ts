import path from 'node:path';
import { freePort, sleep, startCollector, withFolder } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';
import { traceCases, traceConfig, type TraceCase } from './trace-cases.ts';

interface Received {
  readonly spans: number;
  readonly requests: number;
  readonly bytes: number;
  readonly otherRequests: number;
}

/** What is measured, and where it listens. */
interface Started {
  readonly process: MeasuredProcess;
  readonly port: number;
}

interface Result {
  readonly spansPerCpuSecond: number;
  readonly rows: readonly (readonly [label: string, value: string])[];
}

/** Until what is compiled is compiled: programs of this kind run for weeks. */
const warmUpSeconds = 10;
/** The connectors send their metrics once in this time. */
const seconds = 15;

/** Export requests as fast as they are accepted, to a backend in another process. Arguments: names of cases; all without any. */
export async function run(wanted: readonly string[]): Promise<void> {
  for (const name of wanted.length === 0 ? Object.keys(traceCases) : wanted) {
    const traceCase = traceCases[name];
    if (traceCase === undefined) throw new Error(`the cases are: ${Object.keys(traceCases).join(', ')}`);
    console.log(`${name}: ${traceCase.title}`);
    const floor = await measure(traceCase, (_folder, grpc, http) => startFloor(traceCase, grpc, http));
    const result = await measure(traceCase, (folder, grpc, http) => startMillrace(traceCase, folder, grpc, http));
    printRow('floor', `${Math.round(floor.spansPerCpuSecond)} spans per CPU-second: receive and send the same bytes`);
    printRow('spans per CPU-second', String(Math.round(result.spansPerCpuSecond)));
    printRow('ratio to the floor', (floor.spansPerCpuSecond / result.spansPerCpuSecond).toFixed(2));
    for (const [label, value] of result.rows) printRow(label, value);
  }
}

type Start = (folder: string, grpc: number, http: number) => Promise<Started>;

async function startMillrace(traceCase: TraceCase, folder: string, grpc: number, http: number): Promise<Started> {
  const port = await freePort();
  const config = await traceConfig(traceCase, { input: port, grpc, http });
  return { process: (await startCollector(folder, config)).process, port };
}

async function startFloor({ protocol }: TraceCase, grpc: number, http: number): Promise<Started> {
  const process = helper('trace-floor.ts', protocol, protocol === 'grpc' ? grpc : http);
  return { process, port: (await process.message<{ port: number }>()).port };
}

async function measure(traceCase: TraceCase, start: Start): Promise<Result> {
  const { protocol, spansPerRequest, isCompressed, isChain } = traceCase;
  const receiver = helper('trace-receiver.ts');
  const { grpc, http } = await receiver.message<{ grpc: number; http: number }>();
  const received = (): Promise<Received> => {
    receiver.send({});
    return receiver.message<Received>();
  };
  const measureIn = async (folder: string): Promise<Result> => {
    const { process, port } = await start(folder, grpc, http);
    const sender = helper('trace-sender.ts', protocol, port, spansPerRequest, isCompressed ? 'gzip' : 'none');
    try {
      await sender.message();
      const idle = process.memory();
      sender.send({});
      await sleep(warmUpSeconds * 1000);
      const cpuBefore = process.cpuSeconds();
      const before = await received();
      const started = performance.now();
      await sleep(seconds * 1000);
      const cpu = process.cpuSeconds() - cpuBefore;
      const elapsed = (performance.now() - started) / 1000;
      const after = await received();
      const { now, peak } = process.memory();
      sender.send({});
      const { refused } = await sender.message<{ refused: number }>();
      const spans = after.spans - before.spans;
      const requests = after.requests - before.requests;
      return {
        spansPerCpuSecond: spans / cpu,
        rows: [
          ['MB per CPU-second', ((after.bytes - before.bytes) / 1e6 / cpu).toFixed(0)],
          ['of a core', (cpu / elapsed).toFixed(2)],
          ['spans a second', `${Math.round(spans / elapsed)}, ${requests} requests, ${refused} were refused`],
          ...(isChain ? [['metrics and logs', `${after.otherRequests} requests`] as const] : []),
          ['resident', `idle ${megabytes(idle.now)}, end ${megabytes(now)}, peak ${megabytes(peak)}`],
        ],
      };
    } finally {
      await sender.stop();
      await process.stop();
    }
  };
  try {
    return await withFolder(measureIn);
  } finally {
    await receiver.stop();
  }
}

function helper(script: string, ...args: readonly (string | number)[]): MeasuredProcess {
  return new MeasuredProcess([path.join(import.meta.dirname, script), ...args.map(String)]);
}

function printRow(label: string, value: string): void {
  console.log(`  ${label.padEnd(22)} ${value}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
