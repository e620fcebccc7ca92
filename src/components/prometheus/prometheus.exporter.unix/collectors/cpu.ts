import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { wantNumber, wordsOf } from '../words.ts';
import { KeyedLines } from '../keyed-lines.ts';
import { addCpuDescriptions } from './cpu/cpuinfo.ts';
import { addCpuTopology, readIsolated } from './cpu/topology.ts';
import { inOnePiece } from '../host-files.ts';

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const guestModes = ['user', 'nice'] as const;
const idle = modes.indexOf('idle');

/** Ticks of the kernel in a second, which are the same on all machines. */
const ticks = 100;

/** An idle time that falls by so many seconds means that the CPU was replaced, rather than that the kernel is imprecise. */
const replacedAfter = 3;

interface Times {
  isThere: boolean;
  readonly highest: number[];
}

const seconds = counter('cpu_seconds_total', 'Time that a CPU spent in each mode.', 'cpu', 'mode');
const guestSeconds = counter('cpu_guest_seconds_total', 'Time that a CPU spent for guests.', 'cpu', 'mode');
const isolated = gauge('cpu_isolated', 'CPUs that the scheduler leaves alone. The value is always 1.', 'cpu');

export const cpu: Collector = {
  name: 'cpu',
  doc: 'What CPUs spend their time on, and what they are.',
  open(host) {
    const { paths, files, args } = host;
    const file = paths.proc('stat');
    /** Each CPU with the highest times seen, which is forgotten when it is gone. */
    const seen = new Map<string, Times>();
    const lines = new KeyedLines((key) => (/^cpu\d+$/.test(key) ? key.slice('cpu'.length) : undefined));
    const hasDescriptions =
      args.cpu.info || args.cpu.flags_include.source !== '' || args.cpu.bugs_include.source !== '';
    let isolatedCpus: readonly string[] | undefined;
    return (samples) => {
      isolatedCpus ??= readIsolated(host);
      if (hasDescriptions) addCpuDescriptions(host, samples);
      for (const times of seen.values()) times.isThere = false;
      lines.read(files.text(file, inOnePiece), (name, text, start, end) => {
        let times = seen.get(name);
        if (times === undefined) seen.set(name, (times = { isThere: true, highest: [] }));
        times.isThere = true;
        grow(times.highest, text, start, end);
      });
      for (const [name, { isThere, highest }] of seen) {
        if (!isThere) {
          seen.delete(name);
          continue;
        }
        for (const [index, mode] of modes.entries()) samples.add(seconds, highest[index], name, mode);
        if (args.cpu.guest)
          for (const [index, mode] of guestModes.entries())
            samples.add(guestSeconds, highest[modes.length + index], name, mode);
      }
      for (const name of isolatedCpus) samples.add(isolated, 1, name);
      addCpuTopology(host, samples);
    };
  },
};

/** Reads the times of a CPU. None falls: the kernel takes back some of what it counted. Modes an old kernel lacks are 0. */
function grow(highest: number[], text: string, start: number, end: number): void {
  const now = wordsOf(text.slice(start, end)).map((word) => wantNumber(word) / ticks);
  const isReplaced = (highest[idle] ?? 0) - (now[idle] ?? 0) >= replacedAfter;
  for (let index = 0; index < modes.length + guestModes.length; index++) {
    const before = isReplaced ? 0 : (highest[index] ?? 0);
    highest[index] = Math.max(now[index] ?? 0, before);
  }
}
