import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { attribute, attributes, namesIfAny, namesIn, numberIn } from '../read-file.ts';
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
const counterFiles = counters.map(({ file }) => file);

export const infiniband: Collector = {
  name: 'infiniband',
  doc: 'InfiniBand devices and their ports.',
  open:
    ({ paths }) =>
    async (samples) => {
      for (const device of await namesIn(paths.sys('class/infiniband'))) {
        const folder = paths.sys(`class/infiniband/${device}`);
        const found = await attributes(folder, ['board_id', 'fw_ver', 'hca_type']);
        const of = (name: string): string => found.get(name) ?? '';
        samples.add(info, 1, device, of('board_id'), of('fw_ver'), of('hca_type'));
        for (const port of await namesIfAny(`${folder}/ports`))
          await addPort(samples, `${folder}/ports/${port}`, [device, port]);
      }
    },
};

async function addPort(samples: Samples, folder: string, labels: readonly string[]): Promise<void> {
  // `4: ACTIVE`, and `40 Gb/sec (4X QDR)`.
  const [stateText, physicalText, rateText] = await Promise.all(
    ['state', 'phys_state', 'rate'].map((name) => attribute(`${folder}/${name}`)),
  );
  samples.add(state, numberIn(stateText?.split(':')[0]), ...labels);
  samples.add(physicalState, numberIn(physicalText?.split(':')[0]), ...labels);
  const gigabits = numberIn(rateText?.split(' ')[0]);
  samples.add(rate, gigabits === undefined ? undefined : gigabits * 125_000_000, ...labels);
  const found = await attributes(folder, counterFiles);
  for (const { file, family, bytes } of counters) {
    // Without the means to count, the text is no number.
    const value = numberIn(found.get(file));
    samples.add(family, value === undefined ? undefined : value * bytes, ...labels);
  }
}
