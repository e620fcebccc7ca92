import { codeOf } from '../absence.ts';
import { NoData, type Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { numberIn } from '../words.ts';

export const rapl: Collector = {
  name: 'rapl',
  doc: 'Energy that parts of CPUs have used.',
  open:
    ({ paths, files }) =>
    (samples) => {
      const used = new Map<string, number>();
      for (const zone of files.names(paths.sys('class/powercap'))) {
        const path = paths.sys(`class/powercap/${zone}`);
        const fullName = files.attribute(`${path}/name`);
        const [, name = fullName, given] = /^(.+)-(\d+)$/.exec(fullName ?? '') ?? [];
        if (name === undefined) continue;
        const microjoules = unlessMissing(() => files.text(`${path}/energy_uj`).trim());
        if (microjoules === undefined) continue;
        const index = used.get(name) ?? 0;
        used.set(name, index + 1);
        const metric = `rapl_${name.replaceAll(/\W/g, '_')}_joules_total`;
        const family = counter(metric, `Energy used by the part ${name} of a CPU.`, 'index', 'path');
        const value = numberIn(microjoules);
        samples.add(family, value === undefined ? undefined : value / 1e6, given ?? String(index), path);
      }
    },
};

/** Since the energy betrays what others compute, only root may read it. */
function unlessMissing(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODATA') return undefined;
    if (code === 'EPERM' || code === 'EACCES') throw new NoData('only root may read energy counters');
    throw error;
  }
}
