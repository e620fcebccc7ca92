import { allOf } from '../all-of.ts';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wordsOf } from '../words.ts';

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
const attributes = [...frequencies.map(([file]) => file), 'scaling_available_governors', 'scaling_governor'];

export const cpufreq: Collector = {
  name: 'cpufreq',
  doc: 'Frequencies of CPUs, and what governs them.',
  open({ paths, files }) {
    const all = paths.sys('devices/system/cpu');
    return async (samples) => {
      const cpus = files.namesIfAny(all).filter((name) => /^cpu\d+$/.test(name));
      const folders = cpus.map((name) => files.folder(`${all}/${name}/cpufreq`));
      await allOf(folders.map((folder) => folder.readWithCare(attributes)));
      for (const [index, folder] of folders.entries()) {
        const cpu = cpus[index]?.slice('cpu'.length) ?? '';
        for (const [file, family] of frequencies) {
          const kilohertz = folder.number(file);
          samples.add(family, kilohertz && kilohertz * 1000, cpu);
        }
        const current = folder.attribute('scaling_governor');
        for (const known of wordsOf(folder.attribute('scaling_available_governors') ?? ''))
          samples.add(governor, known === current ? 1 : 0, cpu, known);
      }
    };
  },
};
