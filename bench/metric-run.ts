import path from 'node:path';
import { startCollector, withFolder } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';
import { metricConfig, prometheusConfig, type MetricCase } from './metric-cases.ts';
import type { Received } from './metric-receiver.ts';
import { startPrometheusAgent } from './prometheus-agent.ts';

/** What is measured, while it runs. */
export interface Measured {
  readonly process: MeasuredProcess;
  /** The sum of one of its own metrics; undefined if it has none that are comparable. */
  readonly metric?: (name: string) => Promise<number>;
}

/** Starts what is measured, with a folder for it and the ports of the targets and of the receiver. */
type Start = (metricCase: MetricCase, folder: string, from: number, to: number) => Promise<Measured>;

export const startMillrace: Start = async (metricCase, folder, from, to) =>
  startCollector(folder, metricConfig(metricCase, from, to));

export const startPrometheus: Start = async (metricCase, folder, from, to) => ({
  process: await startPrometheusAgent(folder, prometheusConfig(metricCase, from, to)),
});

/** Everything that takes part in a measurement, each in a process of its own. */
export interface MetricRun {
  readonly metricCase: MetricCase;
  readonly measured: Measured;
  readonly sources: MeasuredProcess;
  received(): Promise<Received>;
}

/** Starts everything, has a function measure, and ends everything. */
export async function withMetricRun(
  metricCase: MetricCase,
  start: Start,
  measure: (run: MetricRun) => Promise<void>,
): Promise<void> {
  const { targets, series, churnPeriod } = metricCase;
  const sources = helper('metric-targets.ts', targets, series, churnPeriod);
  const receiver = helper('metric-receiver.ts');
  try {
    const [from, to] = await Promise.all([sources, receiver].map((one) => one.message<{ port: number }>()));
    const received = (): Promise<Received> => {
      receiver.send({});
      return receiver.message<Received>();
    };
    await withFolder(async (folder) => {
      const measured = await start(metricCase, folder, from?.port ?? 0, to?.port ?? 0);
      try {
        await measure({ metricCase, measured, sources, received });
      } finally {
        await measured.process.stop();
      }
    });
  } finally {
    await sources.stop();
    await receiver.stop();
  }
}

/** Starts a script of this folder. */
export function helper(script: string, ...args: readonly number[]): MeasuredProcess {
  return new MeasuredProcess([path.join(import.meta.dirname, script), ...args.map(String)]);
}

/** What did not go as it should, where that is told. */
export async function printLosses({ metric }: Measured): Promise<void> {
  if (metric === undefined) return;
  const skipped = await metric('millrace_scrape_skipped_total');
  const lost = await metric('millrace_scrape_samples_dropped_total');
  printRow('losses', `${skipped} scrapes left out, ${lost} samples lost`);
}

export function printRow(label: string, value: string): void {
  console.log(`    ${label.padEnd(24)} ${value}`);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
