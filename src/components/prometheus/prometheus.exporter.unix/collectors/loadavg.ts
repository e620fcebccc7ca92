import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { readProc, wantNumber, wordsOf } from '../read-file.ts';

const averages = [1, 5, 15].map((minutes) => gauge(`load${minutes}`, `Load average over ${minutes} minutes.`));

export const loadavg: Collector = {
  name: 'loadavg',
  doc: 'Load averages.',
  open:
    ({ paths }) =>
    async (samples) => {
      const words = wordsOf(await readProc(paths.proc('loadavg')));
      for (const [index, average] of averages.entries()) samples.add(average, wantNumber(words[index]));
    },
};
