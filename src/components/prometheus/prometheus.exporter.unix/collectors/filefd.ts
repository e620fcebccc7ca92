import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wantNumber } from '../words.ts';

const allocated = gauge('filefd_allocated', 'File descriptors in use.');
const maximum = gauge('filefd_maximum', 'File descriptors that can be in use.');

export const filefd: Collector = {
  name: 'filefd',
  doc: 'File descriptors of the whole system.',
  open({ paths, files }) {
    const file = paths.proc('sys/fs/file-nr');
    return (samples) => {
      const columns = files.setting(file).split('\t');
      samples.add(allocated, wantNumber(columns[0]));
      samples.add(maximum, wantNumber(columns[2]));
    };
  },
};
