import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';

const attributes = ['firmware_rev', 'model', 'serial', 'state', 'cntlid'];
const info = gauge(
  'nvme_info',
  'What an NVMe controller is. The value is always 1.',
  'device',
  'firmware_revision',
  'model',
  'serial',
  'state',
  'cntlid',
);

export const nvme: Collector = {
  name: 'nvme',
  doc: 'NVMe controllers.',
  open:
    ({ paths, files }) =>
    (samples) => {
      for (const device of files.names(paths.sys('class/nvme'))) {
        const folder = files.folder(paths.sys(`class/nvme/${device}`));
        samples.add(info, 1, device, ...attributes.map((name) => folder.attribute(name) ?? ''));
      }
    },
};
