import { realpathSync } from 'node:fs';
import path from 'node:path';
import { ifPresent } from '../absence.ts';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import type { HostFiles } from '../host-files.ts';
import type { HostFolder } from '../host-folder.ts';
import { isIgnored } from '../name-filter.ts';
import type { Samples } from '../samples.ts';
import { numberIn } from '../words.ts';
import { cleanName, readingOf, sensorFileOf, type Reading, type Sensor, type SensorFile } from './hwmon/sensors.ts';

const chipNames = gauge('hwmon_chip_names', 'The name of a chip. The value is always 1.', 'chip', 'chip_name');
const sensorLabel = gauge(
  'hwmon_sensor_label',
  'What a sensor measures. The value is always 1.',
  'chip',
  'sensor',
  'label',
);

/** What is known of the properties of sensors: more than chips have. */
const mostReadings = 10_000;

/** What does not change as long as a folder is the one it was. */
interface KnownChip {
  readonly inode: number | undefined;
  readonly deviceName: string;
}

export const hwmon: Collector = {
  name: 'hwmon',
  doc: 'Sensors of the hardware: temperatures, voltages, fans and more.',
  open({ paths, files, args }) {
    const all = paths.sys('class/hwmon');
    let known: ReadonlyMap<string, KnownChip> = new Map();
    const readings = new Map<string, Reading>();
    return async (samples) => {
      const chips = new Map<string, KnownChip>();
      for (const name of files.names(all)) {
        const folder = files.folder(`${all}/${name}`);
        let own = known.get(name);
        if (own?.inode !== folder.inode || own === undefined)
          own = { inode: folder.inode, deviceName: deviceName(`${all}/${name}`) };
        chips.set(name, own);
        const ownName = cleanName(folder.attribute('name') ?? '');
        const chip = own.deviceName || ownName || cleanName(name);
        if (isIgnored(chip, args.hwmon.chip_exclude, args.hwmon.chip_include)) continue;
        if (ownName !== '') samples.add(chipNames, 1, chip, ownName);
        for (const sensor of await readSensors(files, `${all}/${name}`)) addSensor(samples, chip, sensor, readings);
      }
      known = chips;
    };
  },
};

/** `<subsystem>_<device>`, which unlike the number of a chip stays the same; empty if there is no device. */
function deviceName(folder: string): string {
  const device = ifPresent(() => realpathSync.native(`${folder}/device`));
  if (device === undefined) return '';
  const subsystem = ifPresent(() => realpathSync.native(`${folder}/device/subsystem`));
  const names = [subsystem === undefined ? '' : path.basename(subsystem), path.basename(device)].map(cleanName);
  return names.filter((name) => name !== '').join('_');
}

/** Puts files such as `temp1_input` and `temp1_crit` together, which are in the folder of a chip or of its device. */
async function readSensors(files: HostFiles, chip: string): Promise<Iterable<Sensor>> {
  const sensors = new Map<string, Sensor>();
  for (const place of [chip, `${chip}/device`]) {
    const folder = files.folder(place);
    const found = sensorFilesIn(files.namesIfAny(place));
    await folder.readWithCare(found.map(({ file }) => file));
    for (const one of found) addValue(sensors, one, folder);
  }
  return sensors.values();
}

function addValue(sensors: Map<string, Sensor>, { file, type, name, property }: SensorFile, folder: HostFolder): void {
  const text = folder.attribute(file);
  if (text === undefined) return;
  let sensor = sensors.get(name);
  if (sensor === undefined) sensors.set(name, (sensor = { type, name, values: new Map() }));
  sensor.values.set(property, text);
}

/** What the names in a folder mean, found out once as long as they are the same. */
const knownFiles = new WeakMap<readonly string[], readonly SensorFile[]>();

function sensorFilesIn(names: readonly string[]): readonly SensorFile[] {
  let found = knownFiles.get(names);
  if (found === undefined) {
    found = names.map(sensorFileOf).filter((file) => file !== undefined);
    knownFiles.set(names, found);
  }
  return found;
}

function addSensor(samples: Samples, chip: string, sensor: Sensor, readings: Map<string, Reading>): void {
  const label = sensor.values.get('label');
  if (label !== undefined) samples.add(sensorLabel, 1, chip, sensor.name, label);
  for (const [property, text] of sensor.values) {
    const value = numberIn(text);
    if (property === 'label' || value === undefined) continue;
    const { family, inUnit, name } = knownReading(readings, sensor, property);
    samples.add(family, inUnit(value), chip, name);
  }
}

/** Those with a label can be named after it, and are found out anew. */
function knownReading(readings: Map<string, Reading>, sensor: Sensor, property: string): Reading {
  if (sensor.type === 'freq') return readingOf(sensor, property);
  const key = `${sensor.name} ${property} ${sensor.values.has('')}`;
  let reading = readings.get(key);
  if (reading === undefined) {
    if (readings.size >= mostReadings) readings.clear();
    readings.set(key, (reading = readingOf(sensor, property)));
  }
  return reading;
}
