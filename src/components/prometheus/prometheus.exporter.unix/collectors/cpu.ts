import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { linesOf, readProc, wantNumber, wordsOf } from '../read-file.ts';
import { addCpuDescriptions } from './cpu/cpuinfo.ts';
import { addCpuTopology, readIsolated } from './cpu/topology.ts';

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const guestModes = ['user', 'nice'] as const;
const idle = modes.indexOf('idle');

/** Ticks of the kernel in a second, which are the same on all machines. */
const ticks = 100;

/** An idle time that falls by so many seconds means that the CPU was replaced, rather than that the kernel is imprecise. */
const replacedAfter = 3;

const seconds = counter('cpu_seconds_total', 'Time that a CPU spent in each mode.', 'cpu', 'mode');
const guestSeconds = counter('cpu_guest_seconds_total', 'Time that a CPU spent for guests.', 'cpu', 'mode');
const isolated = gauge('cpu_isolated', 'CPUs that the scheduler leaves alone. The value is always 1.', 'cpu');

export const cpu: Collector = {
  name: 'cpu',
  doc: 'What CPUs spend their time on, and what they are.',
  open(host) {
    const { paths, args } = host;
    /** The highest times seen of each CPU. */
    const seen = new Map<string, number[]>();
    let isolatedCpus: readonly string[] | undefined;
    return async (samples) => {
      isolatedCpus ??= await readIsolated(host);
      if (args.cpu.info || args.cpu.flags_include.source !== '' || args.cpu.bugs_include.source !== '')
        await addCpuDescriptions(host, samples);

      const times = timesOf(await readProc(paths.proc('stat')));
      for (const known of seen.keys()) if (!times.has(known)) seen.delete(known);
      for (const [name, now] of times) {
        const grown = growth(seen.get(name), now);
        seen.set(name, grown);
        for (const [index, mode] of modes.entries()) samples.add(seconds, grown[index], name, mode);
        if (args.cpu.guest)
          for (const [index, mode] of guestModes.entries())
            samples.add(guestSeconds, grown[modes.length + index] ?? 0, name, mode);
      }
      for (const name of isolatedCpus) samples.add(isolated, 1, name);
      await addCpuTopology(host, samples);
    };
  },
};

/** The seconds of each CPU in the lines of `/proc/stat`; modes that an old kernel does not have are zero. */
function timesOf(text: string): ReadonlyMap<string, number[]> {
  const times = new Map<string, number[]>();
  for (const line of linesOf(text)) {
    const [, name, rest] = /^cpu(\d+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const columns = wordsOf(rest).map((word) => wantNumber(word) / ticks);
    times.set(
      name,
      Array.from({ length: modes.length + guestModes.length }, (_, index) => columns[index] ?? 0),
    );
  }
  return times;
}

/** The times now, but none less than before: the kernel takes back some of what it counted. */
function growth(before: readonly number[] | undefined, now: number[]): number[] {
  if (before === undefined || (before[idle] ?? 0) - (now[idle] ?? 0) >= replacedAfter) return now;
  return now.map((value, index) => Math.max(value, before[index] ?? 0));
}
