import { sleep } from './collector.ts';
import { reportSeries } from './metric-cases.ts';
import { megabytes, printLosses, printRow, type MetricRun } from './metric-run.ts';

/** What was delivered and used up to a moment. */
interface Look {
  readonly seconds: number;
  readonly others: number;
  readonly exploded: number;
  readonly ended: number;
  readonly cpuSeconds: number;
  readonly memory: number;
}

/** Measures what becomes of all targets when one of them suddenly exposes a million series, and when it does not any more. */
export async function measureExplosion({ metricCase, measured, sources, received }: MetricRun): Promise<void> {
  const { targets, series, intervalSeconds, warmUpSeconds, seconds } = metricCase;
  const { process: collector, metric } = measured;
  const look = async (): Promise<Look> => {
    const { samples, exploded, ended } = await received();
    return {
      seconds: performance.now() / 1000,
      others: samples - exploded,
      exploded,
      ended,
      cpuSeconds: collector.cpuSeconds(),
      memory: collector.memory().now,
    };
  };
  const phase = async (title: string, length: number): Promise<void> => {
    // What the event loop was late before does not count.
    await metric?.('nodejs_eventloop_lag_max_seconds');
    const looks = [await look()];
    for (let second = 0; second < length; second++) {
      await sleep(1000);
      looks.push(await look());
    }
    const stall = await metric?.('nodejs_eventloop_lag_max_seconds');
    console.log(`    ${title}, ${length} s`);
    printPhase(looks, intervalSeconds);
    if (stall !== undefined) printRow('  longest stall', `${stall.toFixed(2)} s of the event loop`);
  };

  await sleep(2000);
  printRow('resident, idle', megabytes(collector.memory().now));
  printRow(
    'samples of the others',
    `${(((targets - 1) * (series + reportSeries)) / intervalSeconds).toFixed(0)} a second`,
  );
  sources.send({});
  await sleep(warmUpSeconds * 1000);
  await phase('before', 2 * intervalSeconds);
  sources.send({ explodes: true });
  await phase('while one has exploded', seconds);
  sources.send({ explodes: false });
  await phase('afterwards', 3 * intervalSeconds);
  printRow('resident, peak', megabytes(collector.memory().peak));
  await printLosses(measured);
}

/** What happened from the first look, one each second, to the last. */
function printPhase(looks: readonly Look[], intervalSeconds: number): void {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined) return;
  const perSecond = (from: Look, to: Look, of: 'others' | 'exploded' | 'cpuSeconds'): number =>
    (to[of] - from[of]) / (to.seconds - from.seconds);
  const windows = looks.slice(intervalSeconds).map((to, index) => perSecond(looks[index] ?? first, to, 'others'));
  printRow(
    '  others',
    `${perSecond(first, last, 'others').toFixed(0)} a second, ${Math.min(...windows).toFixed(0)} in the worst ${intervalSeconds} s; ` +
      `${last.ended - first.ended} marked as ended`,
  );
  printRow('  the one', `${perSecond(first, last, 'exploded').toFixed(0)} a second`);
  printRow('  of a core', perSecond(first, last, 'cpuSeconds').toFixed(2));
  const memory = looks.map((look) => look.memory);
  printRow('  resident', `at most ${megabytes(Math.max(...memory))}, at the end ${megabytes(last.memory)}`);
}
