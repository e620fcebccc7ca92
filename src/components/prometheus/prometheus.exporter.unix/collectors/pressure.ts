import { NoData, type Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { ifPresent, linesOf, readProc, wantNumber } from '../read-file.ts';

const waiting = (resource: string, what: string) =>
  counter(`pressure_${resource}_waiting_seconds_total`, `Time that some tasks waited for ${what}.`);
const stalled = (resource: string, what: string) =>
  counter(`pressure_${resource}_stalled_seconds_total`, `Time that no task could go on because of ${what}.`);

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
  open:
    ({ paths }) =>
    async (samples) => {
      for (const [resource, families] of Object.entries(resources)) {
        const text = await ifPresent(readProc(paths.proc(`pressure/${resource}`)));
        if (text === undefined && resource !== 'irq') throw new NoData(`the kernel tells no pressure on ${resource}`);
        for (const line of linesOf(text ?? '')) {
          const [, kind, total] = /^(some|full) .*\btotal=(\S+)/.exec(line) ?? [];
          const family = kind === 'some' ? families.some : families.full;
          if (kind !== undefined && family !== undefined) samples.add(family, wantNumber(total) / 1e6);
        }
      }
    },
};
