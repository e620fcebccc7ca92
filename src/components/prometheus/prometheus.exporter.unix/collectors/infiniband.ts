import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { numberIn } from '../words.ts';
import type { HostFolder } from '../host-folder.ts';
import type { Samples } from '../samples.ts';
import { portCounters } from './infiniband/port-counters.ts';

const info = gauge(
  'infiniband_info',
  'What a device is. The value is always 1.',
  'device',
  'board_id',
  'firmware_version',
  'hca_type',
);
const state = gauge('infiniband_state_id', 'State of a port, by its number.', 'device', 'port');
const physicalState = gauge('infiniband_physical_state_id', 'State of the link, by its number.', 'device', 'port');
const rate = gauge('infiniband_rate_bytes_per_second', 'Bytes that a port can send in a second.', 'device', 'port');

/** Counters by their file, with what makes their unit. */
const counters = portCounters.map(([file, name, help, words]) => ({
  file,
  family: counter(`infiniband_${name}_total`, help, 'device', 'port'),
  bytes: words ?? 1,
}));
const portFiles = ['state', 'phys_state', 'rate', ...counters.map(({ file }) => file)];

export const infiniband: Collector = {
  name: 'infiniband',
  doc: 'InfiniBand devices and their ports.',
  open:
    ({ paths, files }) =>
    async (samples) => {
      for (const device of files.names(paths.sys('class/infiniband'))) {
        const path = paths.sys(`class/infiniband/${device}`);
        const folder = files.folder(path);
        await folder.readWithCare(['board_id', 'fw_ver', 'hca_type']);
        const of = (name: string): string => folder.attribute(name) ?? '';
        samples.add(info, 1, device, of('board_id'), of('fw_ver'), of('hca_type'));
        for (const port of files.namesIfAny(`${path}/ports`))
          await addPort(samples, files.folder(`${path}/ports/${port}`), [device, port]);
      }
    },
};

async function addPort(samples: Samples, folder: HostFolder, labels: readonly string[]): Promise<void> {
  await folder.readWithCare(portFiles);
  // `4: ACTIVE`, and `40 Gb/sec (4X QDR)`.
  samples.add(state, numberIn(folder.attribute('state')?.split(':')[0]), ...labels);
  samples.add(physicalState, numberIn(folder.attribute('phys_state')?.split(':')[0]), ...labels);
  const gigabits = numberIn(folder.attribute('rate')?.split(' ')[0]);
  samples.add(rate, gigabits === undefined ? undefined : gigabits * 125_000_000, ...labels);
  for (const { file, family, bytes } of counters) {
    // Without the means to count, the text is no number.
    const value = folder.number(file);
    samples.add(family, value === undefined ? undefined : value * bytes, ...labels);
  }
}
