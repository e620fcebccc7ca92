import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { KeyedLines } from '../keyed-lines.ts';
import { wantNumberAt } from '../words.ts';
import { inOnePiece } from '../host-files.ts';

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
  open({ paths, files }) {
    const file = paths.proc('stat');
    const lines = new KeyedLines((key) => families.get(key));
    return (samples) =>
      lines.read(files.text(file, inOnePiece), (family, text, start, end) =>
        samples.add(family, wantNumberAt(text, start, end)),
      );
  },
};
