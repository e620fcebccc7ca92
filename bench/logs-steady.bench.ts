import path from 'node:path';
import { sleep, startCollector, withFolder } from './collector.ts';
import { logCases, logConfig } from './log-cases.ts';
import { MeasuredProcess } from './measured-process.ts';

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

/**
 * Files that are written to at a steady rate, through the pod pipeline of the seed to a push endpoint in another process:
 * how much of a core that takes, and memory. Arguments: files, lines a second for each, seconds.
 */
export async function run([files = '50', rate = '200', duration = '60']: readonly string[]): Promise<void> {
  await withFolder(async (folder) => {
    const logs = path.join(folder, 'logs');
    const receiver = new MeasuredProcess([script('log-receiver.ts')]);
    const { port } = await receiver.message<{ port: number }>();
    const stages = (await logCases.pods?.stages()) ?? '';
    const { process: collector } = await startCollector(folder, logConfig(logs, stages, port));
    try {
      const writer = new MeasuredProcess([script('log-writer.ts'), logs, files, rate, duration]);
      // What starting costs does not count.
      await sleep(5000);
      const start = performance.now();
      const cpuBefore = collector.cpuSeconds();
      const { written } = await writer.message<{ written: number }>();
      const seconds = (performance.now() - start) / 1000;
      const cpu = collector.cpuSeconds() - cpuBefore;
      const { now, peak } = collector.memory();
      let entries = 0;
      for (const deadline = performance.now() + 10_000; entries < written && performance.now() < deadline;) {
        receiver.send({});
        ({ entries } = await receiver.message<{ entries: number }>());
        await sleep(100);
      }
      console.log(`steady: ${files} files, ${rate} lines a second each, ${seconds.toFixed(0)} s`);
      console.log(`  lines written, arrived   ${written}, ${entries}`);
      console.log(`  of a core                ${(cpu / seconds).toFixed(3)}`);
      console.log(`  resident, end and peak   ${(now / 1e6).toFixed(1)} MB, ${(peak / 1e6).toFixed(1)} MB`);
    } finally {
      await collector.stop();
      await receiver.stop();
    }
  });
}
