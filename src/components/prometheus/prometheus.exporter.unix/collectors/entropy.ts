import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wantNumber } from '../words.ts';

const available = gauge('entropy_available_bits', 'Bits of entropy that the kernel has.');
const poolSize = gauge('entropy_pool_size_bits', 'Bits that the pool of entropy can hold.');

export const entropy: Collector = {
  name: 'entropy',
  doc: 'Entropy of the random number generator.',
  open({ paths, files }) {
    const number = (file: string): number => wantNumber(files.setting(paths.proc(`sys/kernel/random/${file}`)));
    return (samples) => {
      samples.add(available, number('entropy_avail'));
      samples.add(poolSize, number('poolsize'));
    };
  },
};
