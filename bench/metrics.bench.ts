import path from 'node:path';
import { prometheusMissing } from '../src/testkit/real-prometheus.ts';
import { sleep, startCollector, withFolder } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';
import { metricCases, metricConfig, prometheusConfig, type MetricCase } from './metric-cases.ts';
import { startPrometheusAgent } from './prometheus-agent.ts';

/** Series that are sent for each target besides what it exposes: `up` and four more. */
const reportSeries = 5;

interface Received {
  readonly samples: number;
  readonly requests: number;
  readonly bytes: number;
}

/** Starts what is measured, with a folder for it and the ports of the targets and of the receiver. */
type Start = (metricCase: MetricCase, folder: string, from: number, to: number) => Promise<MeasuredProcess>;

const startMillrace: Start = async (metricCase, folder, from, to) =>
  (await startCollector(folder, metricConfig(metricCase, from, to))).process;

const startPrometheus: Start = (metricCase, folder, from, to) =>
  startPrometheusAgent(folder, prometheusConfig(metricCase, from, to));

/**
 * Targets that are scraped at an interval, through a queue on disk to a remote write endpoint in another process; after
 * it the same with Prometheus in agent mode, where it is installed. Arguments: names of cases; all without any.
 */
export async function run(wanted: readonly string[]): Promise<void> {
  const missing = prometheusMissing();
  for (const name of wanted.length === 0 ? Object.keys(metricCases) : wanted) {
    const metricCase = metricCases[name];
    if (metricCase === undefined) throw new Error(`the cases are: ${Object.keys(metricCases).join(', ')}`);
    const { title, intervalSeconds, series } = metricCase;
    console.log(`${name}: ${title}, every ${intervalSeconds} s`);
    const floorRate = await floor(series);
    printRow('floor', `${Math.round(floorRate)} samples per CPU-second: find lines, compress`);
    await measure('millrace', startMillrace, metricCase, floorRate);
    if (missing === undefined)
      await measure('prometheus --enable-feature=agent', startPrometheus, metricCase, floorRate);
    else console.log(`  ${missing}`);
  }
}

async function measure(title: string, start: Start, metricCase: MetricCase, floorRate: number): Promise<void> {
  const { targets, series, churnPeriod, intervalSeconds, warmUpSeconds, seconds } = metricCase;
  const sources = helper('metric-targets.ts', targets, series, churnPeriod);
  const receiver = helper('metric-receiver.ts');
  const [from, to] = await Promise.all([sources, receiver].map((one) => one.message<{ port: number }>()));
  const received = (): Promise<Received> => {
    receiver.send({});
    return receiver.message<Received>();
  };
  const measureIn = async (folder: string): Promise<void> => {
    const collector = await start(metricCase, folder, from?.port ?? 0, to?.port ?? 0);
    try {
      await sleep(2000);
      const idle = collector.memory();
      sources.send({});
      await sleep(warmUpSeconds * 1000);
      const cpuBefore = collector.cpuSeconds();
      const sourceCpuBefore = sources.cpuSeconds();
      const before = await received();
      const started = performance.now();
      await sleep(seconds * 1000);
      const cpu = collector.cpuSeconds() - cpuBefore;
      const sourceCpu = sources.cpuSeconds() - sourceCpuBefore;
      const elapsed = (performance.now() - started) / 1000;
      const after = await received();
      const { now, peak } = collector.memory();

      const samples = after.samples - before.samples;
      const requests = after.requests - before.requests;
      const rate = samples / cpu;
      const active = targets * (series + reportSeries);
      // Each new series ends another one, which is marked.
      const marks = churnPeriod === 0 ? 0 : (targets * series) / churnPeriod;
      console.log(`  ${title}`);
      printRow('samples per CPU-second', String(Math.round(rate)));
      printRow('ratio to the floor', (floorRate / rate).toFixed(2));
      printRow('of a core', `${(cpu / elapsed).toFixed(3)}; the targets ${(sourceCpu / elapsed).toFixed(3)}`);
      printRow(
        'samples a second',
        `${Math.round(samples / elapsed)} of ${Math.round((active + marks) / intervalSeconds)}`,
      );
      printRow('requests', `${requests}, ${((after.bytes - before.bytes) / samples).toFixed(1)} bytes a sample`);
      printRow('resident', `idle ${megabytes(idle.now)}, end ${megabytes(now)}, peak ${megabytes(peak)}`);
      printRow(
        'bytes per series',
        `${Math.round((now - idle.now) / active)}, at the peak ${Math.round((peak - idle.now) / active)}`,
      );
    } finally {
      await collector.stop();
    }
  };
  try {
    await withFolder(measureIn);
  } finally {
    await sources.stop();
    await receiver.stop();
  }
}

/** Samples per CPU-second. */
async function floor(series: number): Promise<number> {
  const process = helper('metric-floor.ts', series);
  const { samples, cpuSeconds } = await process.message<{ samples: number; cpuSeconds: number }>();
  await process.stop();
  return samples / cpuSeconds;
}

function helper(script: string, ...args: readonly number[]): MeasuredProcess {
  return new MeasuredProcess([path.join(import.meta.dirname, script), ...args.map(String)]);
}

function printRow(label: string, value: string): void {
  console.log(`    ${label.padEnd(24)} ${value}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
