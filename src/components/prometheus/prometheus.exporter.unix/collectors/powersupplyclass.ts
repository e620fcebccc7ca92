import type { Collector } from '../collector.ts';
import { gauge, type Family } from '../family.ts';
import { isMatch } from '../name-filter.ts';

/** Numbers whose metric has the name of the file, or the one behind the colon, by what one of them is divided by. */
const numbers: readonly (readonly [divisor: number, names: string])[] = [
  [
    1,
    'authentic calibrate capacity capacity_alert_max capacity_alert_min cycle_count:cyclecount online present ' +
      'time_to_empty_now:time_to_empty_seconds time_to_full_now:time_to_full_seconds',
  ],
  [
    1_000_000,
    'current_boot current_max current_now:current_ampere energy_empty energy_empty_design energy_full ' +
      'energy_full_design energy_now:energy_watthour voltage_boot voltage_max voltage_max_design voltage_min ' +
      'voltage_min_design voltage_now:voltage_volt voltage_ocv charge_control_limit charge_control_limit_max ' +
      'charge_counter charge_empty charge_empty_design charge_full charge_full_design charge_now:charge_ampere ' +
      'charge_term_current constant_charge_current constant_charge_current_max constant_charge_voltage ' +
      'constant_charge_voltage_max precharge_current input_current_limit power_now:power_watt',
  ],
  [
    10,
    'temp:temp_celsius temp_alert_max:temp_alert_max_celsius temp_alert_min:temp_alert_min_celsius ' +
      'temp_ambient:temp_ambient_celsius temp_ambient_max:temp_ambient_max_celsius ' +
      'temp_ambient_min:temp_ambient_min_celsius temp_max:temp_max_celsius temp_min:temp_min_celsius',
  ],
];

interface Property {
  readonly file: string;
  readonly family: Family;
  readonly divisor: number;
}

const properties: readonly Property[] = numbers.flatMap(([divisor, names]) =>
  names.split(' ').map((entry) => {
    const [file = '', name = file] = entry.split(':');
    return {
      file,
      divisor,
      family: gauge(`power_supply_${name}`, `The property ${file} of a power supply.`, 'power_supply'),
    };
  }),
);

const texts = [
  'capacity_level',
  'charge_type',
  'health',
  'manufacturer',
  'model_name',
  'serial_number',
  'status',
  'technology',
  'type',
  'usb_type',
  'scope',
];
const attributes = [...properties.map(({ file }) => file), ...texts];

export const powersupplyclass: Collector = {
  name: 'powersupplyclass',
  doc: 'Batteries and other power supplies.',
  open:
    ({ paths, files, args }) =>
    async (samples) => {
      for (const supply of files.names(paths.sys('class/power_supply'))) {
        if (isMatch(supply, args.powersupply.ignored_supplies)) continue;
        const folder = files.folder(paths.sys(`class/power_supply/${supply}`));
        await folder.readWithCare(attributes);
        for (const { file, family, divisor } of properties) {
          const value = folder.number(file);
          samples.add(family, value === undefined ? undefined : value / divisor, supply);
        }
        const given = texts.filter((name) => (folder.attribute(name) ?? '') !== '');
        const help = 'What a power supply is. The value is always 1.';
        const info = gauge('power_supply_info', help, 'power_supply', ...given);
        samples.add(info, 1, supply, ...given.map((name) => folder.attribute(name) ?? ''));
      }
    },
};
