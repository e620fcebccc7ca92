import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { attributes, namesIfAny, numberIn, wordsOf } from '../read-file.ts';

/** By the file in the folder `cpufreq` of a CPU, in kilohertz. */
const frequencies = [
  ['cpuinfo_cur_freq', gauge('cpu_frequency_hertz', 'The frequency at which a CPU runs.', 'cpu')],
  ['cpuinfo_min_freq', gauge('cpu_frequency_min_hertz', 'The lowest frequency of a CPU.', 'cpu')],
  ['cpuinfo_max_freq', gauge('cpu_frequency_max_hertz', 'The highest frequency of a CPU.', 'cpu')],
  ['scaling_cur_freq', gauge('cpu_scaling_frequency_hertz', 'The frequency that scaling has set.', 'cpu')],
  ['scaling_min_freq', gauge('cpu_scaling_frequency_min_hertz', 'The lowest frequency that scaling sets.', 'cpu')],
  ['scaling_max_freq', gauge('cpu_scaling_frequency_max_hertz', 'The highest frequency that scaling sets.', 'cpu')],
] as const;
const governor = gauge('cpu_scaling_governor', 'Whether a governor scales the frequency now.', 'cpu', 'governor');
const files = [...frequencies.map(([file]) => file), 'scaling_available_governors', 'scaling_governor'];

export const cpufreq: Collector = {
  name: 'cpufreq',
  doc: 'Frequencies of CPUs, and what governs them.',
  open:
    ({ paths }) =>
    async (samples) => {
      const folder = paths.sys('devices/system/cpu');
      const cpus = (await namesIfAny(folder)).filter((name) => /^cpu\d+$/.test(name));
      const found = await Promise.all(cpus.map((name) => attributes(`${folder}/${name}/cpufreq`, files)));
      for (const [index, name] of cpus.entries()) {
        const cpu = name.slice('cpu'.length);
        for (const [file, family] of frequencies) {
          const kilohertz = numberIn(found[index]?.get(file));
          samples.add(family, kilohertz && kilohertz * 1000, cpu);
        }
        const current = found[index]?.get('scaling_governor');
        for (const known of wordsOf(found[index]?.get('scaling_available_governors') ?? ''))
          samples.add(governor, known === current ? 1 : 0, cpu, known);
      }
    },
};
