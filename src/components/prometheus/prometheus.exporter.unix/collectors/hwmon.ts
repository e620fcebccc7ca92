import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { isIgnored } from '../name-filter.ts';
import { attribute, attributes, ifPresent, namesIfAny, namesIn, numberIn } from '../read-file.ts';
import type { Samples } from '../samples.ts';
import { cleanName, groupSensors, readingOf, type Sensor } from './hwmon/sensors.ts';

const chipNames = gauge('hwmon_chip_names', 'The name of a chip. The value is always 1.', 'chip', 'chip_name');
const sensorLabel = gauge(
  'hwmon_sensor_label',
  'What a sensor measures. The value is always 1.',
  'chip',
  'sensor',
  'label',
);

export const hwmon: Collector = {
  name: 'hwmon',
  doc: 'Sensors of the hardware: temperatures, voltages, fans and more.',
  open:
    ({ paths, args }) =>
    async (samples) => {
      for (const name of await namesIn(paths.sys('class/hwmon'))) {
        const folder = paths.sys(`class/hwmon/${name}`);
        const ownName = cleanName((await attribute(`${folder}/name`)) ?? '');
        const chip = (await deviceName(folder)) || ownName || cleanName(path.basename(folder));
        if (isIgnored(chip, args.hwmon.chip_exclude, args.hwmon.chip_include)) continue;
        if (ownName !== '') samples.add(chipNames, 1, chip, ownName);
        const sensors = groupSensors(
          new Map([...(await sensorFiles(folder)), ...(await sensorFiles(`${folder}/device`))]),
        );
        for (const sensor of sensors) addSensor(samples, chip, sensor);
      }
    },
};

/** `<subsystem>_<device>`, which unlike the number of a chip stays the same; empty if there is no device. */
async function deviceName(folder: string): Promise<string> {
  const device = await ifPresent(realpath(`${folder}/device`));
  if (device === undefined) return '';
  const subsystem = await ifPresent(realpath(`${folder}/device/subsystem`));
  const names = [subsystem === undefined ? '' : path.basename(subsystem), path.basename(device)].map(cleanName);
  return names.filter((name) => name !== '').join('_');
}

function sensorFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  return namesIfAny(folder).then((names) => attributes(folder, names.filter(isSensorFile)));
}

function isSensorFile(name: string): boolean {
  return groupSensors(new Map([[name, '']])).length > 0;
}

function addSensor(samples: Samples, chip: string, sensor: Sensor): void {
  const label = sensor.values.get('label');
  if (label !== undefined) samples.add(sensorLabel, 1, chip, sensor.name, label);
  for (const [property, text] of sensor.values) {
    const value = numberIn(text);
    if (property === 'label' || value === undefined) continue;
    const { family, inUnit, name } = readingOf(sensor, property);
    samples.add(family, inUnit(value), chip, name);
  }
}
