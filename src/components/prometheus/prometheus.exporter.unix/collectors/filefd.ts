import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { readAttribute, wantNumber } from '../read-file.ts';

const allocated = gauge('filefd_allocated', 'File descriptors in use.');
const maximum = gauge('filefd_maximum', 'File descriptors that can be in use.');

export const filefd: Collector = {
  name: 'filefd',
  doc: 'File descriptors of the whole system.',
  open:
    ({ paths }) =>
    async (samples) => {
      const columns = (await readAttribute(paths.proc('sys/fs/file-nr'))).split('\t');
      samples.add(allocated, wantNumber(columns[0]));
      samples.add(maximum, wantNumber(columns[2]));
    },
};
