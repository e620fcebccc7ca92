import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';

const temperature = gauge('thermal_zone_temp', 'Temperature in degrees Celsius.', 'zone', 'type');
const coolingNow = gauge('cooling_device_cur_state', 'How much a device cools.', 'name', 'type');
const coolingMost = gauge('cooling_device_max_state', 'How much a device can cool.', 'name', 'type');

const attributes = ['type', 'temp', 'cur_state', 'max_state'];

export const thermalZone: Collector = {
  name: 'thermal_zone',
  doc: 'Temperatures, and what cools.',
  open:
    ({ paths, files }) =>
    async (samples) => {
      for (const name of files.namesIfAny(paths.sys('class/thermal'))) {
        const [, kind, number = ''] = /^(thermal_zone|cooling_device)(\d+)$/.exec(name) ?? [];
        if (kind === undefined) continue;
        const folder = files.folder(paths.sys(`class/thermal/${name}`));
        await folder.readWithCare(attributes);
        const type = folder.attribute('type') ?? '';
        const millidegrees = folder.number('temp');
        if (kind === 'thermal_zone') {
          samples.add(temperature, millidegrees === undefined ? undefined : millidegrees / 1000, number, type);
        } else {
          samples.add(coolingNow, folder.number('cur_state'), number, type);
          samples.add(coolingMost, folder.number('max_state'), number, type);
        }
      }
    },
};
