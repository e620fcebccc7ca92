import { NoData, type Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { linesOf, wantNumberAt } from '../words.ts';
import { inOnePiece } from '../host-files.ts';

const waiting = (resource: string, what: string) =>
  counter(`pressure_${resource}_waiting_seconds_total`, `Time that some tasks waited for ${what}.`);
const stalled = (resource: string, what: string) =>
  counter(`pressure_${resource}_stalled_seconds_total`, `Time that no task could go on because of ${what}.`);

const totalName = ' total=';

/** By the file in `/proc/pressure`: what its lines "some" and "full" are. */
const resources = {
  cpu: { some: waiting('cpu', 'CPU time'), full: undefined },
  io: { some: waiting('io', 'I/O'), full: stalled('io', 'I/O') },
  memory: { some: waiting('memory', 'memory'), full: stalled('memory', 'memory') },
  irq: { some: undefined, full: stalled('irq', 'interrupts') },
};

export const pressure: Collector = {
  name: 'pressure',
  doc: 'How long tasks waited for CPU time, I/O and memory.',
  open({ paths, files }) {
    const all = Object.entries(resources).map(([resource, families]) => ({
      resource,
      families,
      file: paths.proc(`pressure/${resource}`),
    }));
    return (samples) => {
      for (const { resource, families, file } of all) {
        const text = files.textIfAny(file, inOnePiece);
        if (text === undefined && resource !== 'irq') throw new NoData(`the kernel tells no pressure on ${resource}`);
        for (const line of linesOf(text ?? '')) {
          const kind = line.slice(0, line.indexOf(' '));
          const family = kind === 'some' ? families.some : kind === 'full' ? families.full : undefined;
          const total = line.lastIndexOf(totalName);
          if (family !== undefined && total >= 0)
            samples.add(family, wantNumberAt(line, total + totalName.length, line.length) / 1e6);
        }
      }
    };
  },
};
