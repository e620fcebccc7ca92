import type { Collector } from '../collector.ts';
import { untyped } from '../family.ts';
import { KeyedLines } from '../keyed-lines.ts';
import { wantNumberAt } from '../words.ts';

export const vmstat: Collector = {
  name: 'vmstat',
  doc: 'Statistics of virtual memory.',
  open({ paths, files, args }) {
    const file = paths.proc('vmstat');
    const lines = new KeyedLines((name) =>
      args.vmstat.fields.test(name) && /^\w+$/.test(name)
        ? untyped(`vmstat_${name}`, `The field ${name} of /proc/vmstat.`)
        : undefined,
    );
    return (samples) =>
      lines.read(files.text(file), (family, text, start, end) => samples.add(family, wantNumberAt(text, start, end)));
  },
};
