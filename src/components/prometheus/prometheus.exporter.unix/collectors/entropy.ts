import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { readAttribute, wantNumber } from '../read-file.ts';

const available = gauge('entropy_available_bits', 'Bits of entropy that the kernel has.');
const poolSize = gauge('entropy_pool_size_bits', 'Bits that the pool of entropy can hold.');

export const entropy: Collector = {
  name: 'entropy',
  doc: 'Entropy of the random number generator.',
  open:
    ({ paths }) =>
    async (samples) => {
      samples.add(available, wantNumber(await readAttribute(paths.proc('sys/kernel/random/entropy_avail'))));
      samples.add(poolSize, wantNumber(await readAttribute(paths.proc('sys/kernel/random/poolsize'))));
    },
};
