import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { attributes, namesIfAny, numberIn } from '../read-file.ts';

const temperature = gauge('thermal_zone_temp', 'Temperature in degrees Celsius.', 'zone', 'type');
const coolingNow = gauge('cooling_device_cur_state', 'How much a device cools.', 'name', 'type');
const coolingMost = gauge('cooling_device_max_state', 'How much a device can cool.', 'name', 'type');

export const thermalZone: Collector = {
  name: 'thermal_zone',
  doc: 'Temperatures, and what cools.',
  open:
    ({ paths }) =>
    async (samples) => {
      for (const name of await namesIfAny(paths.sys('class/thermal'))) {
        const [, kind, number = ''] = /^(thermal_zone|cooling_device)(\d+)$/.exec(name) ?? [];
        if (kind === undefined) continue;
        const found = await attributes(paths.sys(`class/thermal/${name}`), ['type', 'temp', 'cur_state', 'max_state']);
        const type = found.get('type') ?? '';
        const millidegrees = numberIn(found.get('temp'));
        if (kind === 'thermal_zone') {
          samples.add(temperature, millidegrees === undefined ? undefined : millidegrees / 1000, number, type);
        } else {
          samples.add(coolingNow, numberIn(found.get('cur_state')), number, type);
          samples.add(coolingMost, numberIn(found.get('max_state')), number, type);
        }
      }
    },
};
