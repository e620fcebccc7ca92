import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { KeyedLines } from '../keyed-lines.ts';
import { wantNumberAt } from '../words.ts';
import { inOnePiece } from '../host-files.ts';

const sizes =
  'Active Active_anon Active_file AnonHugePages AnonPages Bounce Buffers Cached CmaFree CmaTotal CommitLimit ' +
  'Committed_AS DirectMap1G DirectMap2M DirectMap4k Dirty HardwareCorrupted Hugepagesize Inactive Inactive_anon ' +
  'Inactive_file KernelStack Mapped MemAvailable MemFree MemTotal Mlocked NFS_Unstable PageTables Percpu SReclaimable ' +
  'SUnreclaim Shmem ShmemHugePages ShmemPmdMapped Slab SwapCached SwapFree SwapTotal Unevictable VmallocChunk ' +
  'VmallocTotal VmallocUsed Writeback WritebackTmp Zswap Zswapped';
const counts = 'HugePages_Total HugePages_Free HugePages_Rsvd HugePages_Surp';

const families = new Map([
  ...sizes.split(' ').map((name) => [name, gauge(`memory_${name}_bytes`, helpOf(`${name}_bytes`))] as const),
  ...counts.split(' ').map((name) => [name, gauge(`memory_${name}`, helpOf(name))] as const),
]);

function helpOf(name: string): string {
  return `Memory information field ${name}.`;
}

export const meminfo: Collector = {
  name: 'meminfo',
  doc: 'What memory is used for.',
  open({ paths, files }) {
    const file = paths.proc('meminfo');
    const lines = new KeyedLines((key) => families.get(key.slice(0, -1).replace(/\((.*)\)$/, '_$1')));
    return (samples) =>
      lines.read(files.text(file, inOnePiece), (family, text, start, end) => {
        const isKilobytes = text.startsWith(' kB', end - 3);
        samples.add(family, wantNumberAt(text, start, end) * (isKilobytes ? 1024 : 1));
      });
  },
};
