import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { attributes, namesIn } from '../read-file.ts';

const files = ['firmware_rev', 'model', 'serial', 'state', 'cntlid'];
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
    ({ paths }) =>
    async (samples) => {
      for (const device of await namesIn(paths.sys('class/nvme'))) {
        const found = await attributes(paths.sys(`class/nvme/${device}`), files);
        samples.add(info, 1, device, ...files.map((file) => found.get(file) ?? ''));
      }
    },
};
