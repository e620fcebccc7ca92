import { counter, gauge, type Family } from '../../family.ts';

const types: ReadonlySet<string> = new Set([
  'vrm',
  'beep_enable',
  'update_interval',
  'in',
  'cpu',
  'fan',
  'pwm',
  'temp',
  'curr',
  'power',
  'energy',
  'humidity',
  'intrusion',
  'freq',
]);

/** What the files of one sensor hold, by the property after its name; empty for the sensor itself. */
export interface Sensor {
  readonly type: string;
  /** The type and the number. */
  readonly name: string;
  readonly values: Map<string, string>;
}

/** A file of a sensor. */
export interface SensorFile {
  readonly file: string;
  readonly type: string;
  /** That of the sensor. */
  readonly name: string;
  readonly property: string;
}

/** What a value of a sensor is told as. */
export interface Reading {
  readonly family: Family;
  readonly inUnit: (value: number) => number;
  /** The label `sensor`. */
  readonly name: string;
}

/** What a file is about, by its name such as `temp1_crit`; undefined if that is no sensor. */
export function sensorFileOf(file: string): SensorFile | undefined {
  const [, type = '', number = '', property = ''] = /^([^0-9]+)([0-9]*)(?:_(.+))?$/.exec(file) ?? [];
  return types.has(type) ? { file, type, name: `${type}${Number(number)}`, property } : undefined;
}

/** A text as a part of names of metrics and chips. */
export function cleanName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9:_]/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}

const same = (value: number): number => value;
const thousandths = (value: number): number => value / 1000;
const millionths = (value: number): number => value / 1_000_000;

/** What one value of a sensor means: its metric, and what makes the unit of that. */
export function readingOf(sensor: Sensor, property: string): Reading {
  const { type, name } = sensor;
  const metric = metricOf(sensor, property);
  const read = (suffix: string, inUnit: (value: number) => number, what: string): Reading => ({
    family: gauge(metric + suffix, `${what}.`, 'chip', 'sensor'),
    inUnit,
    name,
  });
  const shown = property === '' ? 'the value' : property;
  switch (true) {
    case type === 'beep_enable':
      return fixed('hwmon_beep_enabled', 'Whether a chip beeps', (value) => (value === 1 ? 1 : 0), name);
    case type === 'vrm':
      return fixed('hwmon_voltage_regulator_version', 'Version of the voltage regulator', same, name);
    case type === 'update_interval':
      return fixed('hwmon_update_interval_seconds', 'How often a chip measures', thousandths, name);
    case property === 'fault' || property === 'alarm':
      return read('', same, `Whether there is a ${property} (${type})`);
    case property === 'beep':
      return fixed(`hwmon_${type}_beep_enabled`, 'Whether a sensor beeps', same, name);
    case type === 'in' || type === 'cpu':
      return read('_volts', thousandths, `Voltage (${shown})`);
    case type === 'temp' && property !== 'type':
      return read('_celsius', thousandths, `Temperature (${shown})`);
    case type === 'curr':
      return read('_amps', thousandths, `Current (${shown})`);
    case type === 'energy': {
      const family = counter(`${metric}_joule_total`, `Energy used (${shown}).`, 'chip', 'sensor');
      return { family, inUnit: millionths, name };
    }
    case type === 'power' && property === 'accuracy':
      return read('', millionths, 'Accuracy of a power meter as a ratio');
    case type === 'power' && property.startsWith('average_interval'):
      return read('_seconds', thousandths, `Time over which power is averaged (${shown})`);
    case type === 'power':
      return read('_watt', millionths, `Power (${shown})`);
    case type === 'humidity':
      return read('', millionths, `Humidity as a ratio (${shown})`);
    case type === 'fan' && ['input', 'min', 'max', 'target'].includes(property):
      return read('_rpm', same, `Revolutions of a fan in a minute (${shown})`);
    case type === 'freq' && property === 'input': {
      const label = cleanName(sensor.values.get('label') ?? '');
      return { ...read('_freq_mhz', millionths, 'Frequency in megahertz'), name: label === '' ? name : label };
    }
    default:
      return read('', same, `The property ${property} of a sensor (${type})`);
  }
}

/** The input is the value of a sensor, unless there is a value beside it. */
function metricOf({ type, values }: Sensor, property: string): string {
  const isValue = property === '' || (property === 'input' && !values.has(''));
  return isValue ? `hwmon_${type}` : `hwmon_${type}_${cleanName(property)}`;
}

function fixed(metric: string, what: string, inUnit: (value: number) => number, name: string): Reading {
  return { family: gauge(metric, `${what}.`, 'chip', 'sensor'), inUnit, name };
}
