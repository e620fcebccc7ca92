import { startCollector, untilAnswered, freePort, sleep, withFolder } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';

/*
 * `npm run bench -- exporter [rounds] [scrapes] [pause]`: prometheus.exporter.unix and the node exporter of the distribution
 * are scraped in turns, over HTTP, with as many milliseconds between the scrapes. Both tell the same of this machine.
 */

/** What the packages of the node exporter configure otherwise than Alloy, and what it can do beyond. */
const nodeExporterFlags = [
  '--no-collector.systemd',
  '--no-collector.timex',
  '--collector.netdev.device-exclude=^$',
  '--collector.netclass.ignored-devices=^$',
  '--collector.vmstat.fields=^(oom_kill|pgpg|pswp|pg.*fault).*',
];

/** Scrapes that do not count. */
const warmUp = 300;

interface Exporter {
  readonly name: string;
  readonly process: MeasuredProcess;
  readonly url: string;
  scrapes: number;
  cpuSeconds: number;
  bytes: number;
  series: number;
}

export async function run([rounds = '3', scrapes = '200', pause = '0']: readonly string[]): Promise<void> {
  await withFolder(async (folder) => {
    const exporters = [await startOurs(folder), await startTheirs()];
    try {
      for (const exporter of exporters) await scrape(exporter, warmUp, 0);
      for (let round = 0; round < Number(rounds); round++)
        for (const exporter of exporters) {
          const before = exporter.process.cpuSeconds();
          await scrape(exporter, Number(scrapes), Number(pause));
          exporter.cpuSeconds += exporter.process.cpuSeconds() - before;
          exporter.scrapes += Number(scrapes);
        }
      exporters.forEach(report);
    } finally {
      for (const { process } of exporters) await process.stop();
    }
  });
}

async function startOurs(folder: string): Promise<Exporter> {
  const { process, address } = await startCollector(
    folder,
    'prometheus.exporter.unix "host" {\n  disable_collectors = ["timex"]\n}\n',
  );
  const url = `${address}/api/v0/component/prometheus.exporter.unix.host/metrics`;
  return { name: 'Millrace', process, url, scrapes: 0, cpuSeconds: 0, bytes: 0, series: 0 };
}

async function startTheirs(): Promise<Exporter> {
  const address = `127.0.0.1:${await freePort()}`;
  const process = new MeasuredProcess([`--web.listen-address=${address}`, ...nodeExporterFlags], {
    executable: 'prometheus-node-exporter',
    stderr: 'ignore',
  });
  const url = `http://${address}/metrics`;
  await untilAnswered(process, url, 'the node exporter');
  return { name: 'node exporter', process, url, scrapes: 0, cpuSeconds: 0, bytes: 0, series: 0 };
}

async function scrape(exporter: Exporter, times: number, pause: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    const response = await fetch(exporter.url, { headers: { 'accept-encoding': 'identity' } });
    const text = await response.text();
    exporter.bytes = text.length;
    exporter.series = text.match(/^[^#\n]/gm)?.length ?? 0;
    if (pause > 0) await sleep(pause);
  }
}

function report({ name, process, scrapes, cpuSeconds, bytes, series }: Exporter): void {
  const { now, peak } = process.memory();
  const milliseconds = (cpuSeconds * 1000) / scrapes;
  console.log(
    `${name}: ${milliseconds.toFixed(2)} ms of CPU a scrape, ${series} series, ${bytes} bytes,`,
    `resident ${(now / 1e6).toFixed(0)} MB, peak ${(peak / 1e6).toFixed(0)} MB`,
  );
}
