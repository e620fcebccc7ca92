import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { linesOf, readProc, wantNumber } from '../read-file.ts';

/** By the words that lines of `/proc/stat` begin with. */
const families = new Map([
  ['intr', counter('intr_total', 'Interrupts that were handled.')],
  ['ctxt', counter('context_switches_total', 'Switches from one task to another.')],
  ['processes', counter('forks_total', 'Processes and threads that were made.')],
  ['btime', gauge('boot_time_seconds', 'When the system was started, in seconds since 1970.')],
  ['procs_running', gauge('procs_running', 'Tasks that could run.')],
  ['procs_blocked', gauge('procs_blocked', 'Tasks that wait for I/O.')],
]);

export const stat: Collector = {
  name: 'stat',
  doc: 'Interrupts, context switches, forks, the boot time, and how many tasks run or wait.',
  open:
    ({ paths }) =>
    async (samples) => {
      for (const line of linesOf(await readProc(paths.proc('stat')))) {
        const [name = '', value] = line.split(' ', 2);
        const family = families.get(name);
        if (family !== undefined) samples.add(family, wantNumber(value));
      }
    },
};
