import type { Collector } from '../collector.ts';
import { untyped } from '../family.ts';
import { linesOf, readProc, wantNumber } from '../read-file.ts';

export const vmstat: Collector = {
  name: 'vmstat',
  doc: 'Statistics of virtual memory.',
  open:
    ({ paths, args }) =>
    async (samples) => {
      for (const line of linesOf(await readProc(paths.proc('vmstat')))) {
        const [name = '', value] = line.split(' ');
        if (!args.vmstat.fields.test(name) || !/^\w+$/.test(name)) continue;
        samples.add(untyped(`vmstat_${name}`, `The field ${name} of /proc/vmstat.`), wantNumber(value));
      }
    },
};
