import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { linesOf, readProc, wantNumber, wordsOf } from '../read-file.ts';

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
  open:
    ({ paths }) =>
    async (samples) => {
      for (const line of linesOf(await readProc(paths.proc('meminfo')))) {
        const [key = '', value, unit] = wordsOf(line);
        const family = families.get(key.slice(0, -1).replace(/\((.*)\)$/, '_$1'));
        if (family !== undefined) samples.add(family, wantNumber(value) * (unit === 'kB' ? 1024 : 1));
      }
    },
};
