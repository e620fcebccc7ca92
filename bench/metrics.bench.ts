import { prometheusMissing } from '../src/testkit/real-prometheus.ts';
import { sleep } from './collector.ts';
import { metricCases, reportSeries } from './metric-cases.ts';
import { measureExplosion } from './metric-explosion.ts';
import {
  helper,
  megabytes,
  printLosses,
  printRow,
  startMillrace,
  startPrometheus,
  withMetricRun,
  type MetricRun,
} from './metric-run.ts';

/** Memory is told this often while a case runs for long. */
const memoryPeriodSeconds = 30;

/**
 * Targets that are scraped at an interval, through a queue on disk to a remote write endpoint in another process; after
 * it the same with Prometheus in agent mode, where it is installed. Arguments: names of cases, all without any;
 * `--seconds=<n>` for how long is measured, and `--alone` to leave Prometheus out.
 */
export async function run(args: readonly string[]): Promise<void> {
  const seconds = args.map((arg) => /^--seconds=(\d+)$/.exec(arg)?.[1]).find((found) => found !== undefined);
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const missing = args.includes('--alone') ? 'Prometheus is left out' : prometheusMissing();
  for (const name of wanted.length === 0 ? Object.keys(metricCases) : wanted) {
    const given = metricCases[name];
    if (given === undefined) throw new Error(`the cases are: ${Object.keys(metricCases).join(', ')}`);
    const metricCase = { ...given, seconds: seconds === undefined ? given.seconds : Number(seconds) };
    const { title, intervalSeconds, series, explodes } = metricCase;
    console.log(`${name}: ${title}, every ${intervalSeconds} s`);
    let measure = measureExplosion;
    if (!explodes) {
      const floorRate = await floor(series);
      printRow('floor', `${Math.round(floorRate)} samples per CPU-second: find lines, compress`);
      measure = (metricRun) => measureRate(metricRun, floorRate);
    }
    console.log('  millrace');
    await withMetricRun(metricCase, startMillrace, measure);
    if (missing === undefined) {
      console.log('  prometheus --enable-feature=agent');
      await withMetricRun(metricCase, startPrometheus, measure);
    } else console.log(`  ${missing}`);
  }
}

async function measureRate({ metricCase, measured, sources, received }: MetricRun, floorRate: number): Promise<void> {
  const { targets, series, churnPeriod, intervalSeconds, warmUpSeconds, seconds } = metricCase;
  const collector = measured.process;
  await sleep(2000);
  const idle = collector.memory();
  sources.send({});
  await sleep(warmUpSeconds * 1000);
  const cpuBefore = collector.cpuSeconds();
  const sourceCpuBefore = sources.cpuSeconds();
  const before = await received();
  const started = performance.now();
  const course: string[] = [];
  for (let rest = seconds; rest > 0; rest -= memoryPeriodSeconds) {
    await sleep(Math.min(rest, memoryPeriodSeconds) * 1000);
    course.push(megabytes(collector.memory().now));
  }
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
  printRow('samples per CPU-second', String(Math.round(rate)));
  printRow('ratio to the floor', (floorRate / rate).toFixed(2));
  printRow('of a core', `${(cpu / elapsed).toFixed(3)}; the targets ${(sourceCpu / elapsed).toFixed(3)}`);
  printRow('samples a second', `${Math.round(samples / elapsed)} of ${Math.round((active + marks) / intervalSeconds)}`);
  await printLosses(measured);
  printRow('requests', `${requests}, ${((after.bytes - before.bytes) / samples).toFixed(1)} bytes a sample`);
  printRow('resident', `idle ${megabytes(idle.now)}, end ${megabytes(now)}, peak ${megabytes(peak)}`);
  if (course.length > 1) printRow(`every ${memoryPeriodSeconds} s`, course.join(', '));
  printRow(
    'bytes per series',
    `${Math.round((now - idle.now) / active)}, at the peak ${Math.round((peak - idle.now) / active)}`,
  );
}

/** Samples per CPU-second. */
async function floor(series: number): Promise<number> {
  const process = helper('metric-floor.ts', series);
  const { samples, cpuSeconds } = await process.message<{ samples: number; cpuSeconds: number }>();
  await process.stop();
  return samples / cpuSeconds;
}
