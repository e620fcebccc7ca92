import type { Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { linesOf, wantNumber, wordsOf } from '../words.ts';

const running = counter('schedstat_running_seconds_total', 'Time that tasks ran on a CPU.', 'cpu');
const waiting = counter('schedstat_waiting_seconds_total', 'Time that tasks waited for a CPU.', 'cpu');
const timeslices = counter('schedstat_timeslices_total', 'Timeslices that were run on a CPU.', 'cpu');

export const schedstat: Collector = {
  name: 'schedstat',
  doc: 'Statistics of the task scheduler.',
  open:
    ({ paths, files }) =>
    (samples) => {
      for (const line of linesOf(files.text(paths.proc('schedstat')))) {
        if (!line.startsWith('cpu')) continue;
        const words = wordsOf(line);
        const cpu = words[0]?.slice('cpu'.length) ?? '';
        if (!/^\d+$/.test(cpu)) continue;
        samples.add(running, wantNumber(words[7]) / 1e9, cpu);
        samples.add(waiting, wantNumber(words[8]) / 1e9, cpu);
        samples.add(timeslices, wantNumber(words[9]), cpu);
      }
    },
};
