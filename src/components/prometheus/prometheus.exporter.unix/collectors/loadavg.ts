import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wantNumber, wordsOf } from '../words.ts';
import { inOnePiece } from '../host-files.ts';

const averages = [1, 5, 15].map((minutes) => gauge(`load${minutes}`, `Load average over ${minutes} minutes.`));

export const loadavg: Collector = {
  name: 'loadavg',
  doc: 'Load averages.',
  open({ paths, files }) {
    const file = paths.proc('loadavg');
    return (samples) => {
      const words = wordsOf(files.text(file, inOnePiece));
      for (const [index, average] of averages.entries()) samples.add(average, wantNumber(words[index]));
    };
  },
};
