import type { Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { linesOf, readProc, wantNumber, wordsOf } from '../read-file.ts';

const running = counter('schedstat_running_seconds_total', 'Time that tasks ran on a CPU.', 'cpu');
const waiting = counter('schedstat_waiting_seconds_total', 'Time that tasks waited for a CPU.', 'cpu');
const timeslices = counter('schedstat_timeslices_total', 'Timeslices that were run on a CPU.', 'cpu');

export const schedstat: Collector = {
  name: 'schedstat',
  doc: 'Statistics of the task scheduler.',
  open:
    ({ paths }) =>
    async (samples) => {
      for (const line of linesOf(await readProc(paths.proc('schedstat')))) {
        const words = wordsOf(line);
        const [, cpu] = /^cpu(\d+)$/.exec(words[0] ?? '') ?? [];
        if (cpu === undefined) continue;
        samples.add(running, wantNumber(words[7]) / 1e9, cpu);
        samples.add(waiting, wantNumber(words[8]) / 1e9, cpu);
        samples.add(timeslices, wantNumber(words[9]), cpu);
      }
    },
};
