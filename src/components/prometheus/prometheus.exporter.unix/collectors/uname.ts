import * as os from 'node:os';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';

const info = gauge(
  'uname_info',
  'The system that runs. The value is always 1.',
  'sysname',
  'release',
  'version',
  'machine',
  'nodename',
  'domainname',
);

export const uname: Collector = {
  name: 'uname',
  doc: 'The kernel and the name of the machine.',
  open({ paths, files }) {
    const file = paths.proc('sys/kernel/domainname');
    return (samples) => {
      // Unlike the others, this is not what the process itself can ask for.
      const domain = files.attribute(file) ?? '(none)';
      samples.add(info, 1, os.type(), os.release(), os.version(), os.machine(), os.hostname(), domain);
    };
  },
};
