import { NoData, type Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { attributes, namesIfAny } from '../read-file.ts';

const files = [
  'bios_date',
  'bios_release',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_family',
  'product_name',
  'product_serial',
  'product_sku',
  'product_uuid',
  'product_version',
  'sys_vendor',
];

const help = 'What the machine is, as far as it can be read. The value is always 1.';

export const dmi: Collector = {
  name: 'dmi',
  doc: 'The make of the machine.',
  open({ paths }) {
    /** It does not change while the system runs. */
    let found: ReadonlyMap<string, string> | undefined;
    return async (samples) => {
      const folder = paths.sys('class/dmi/id');
      if (found === undefined) {
        if ((await namesIfAny(folder)).length === 0) throw new NoData('the firmware tells nothing');
        found = await attributes(folder, files);
      }
      const labels = [...found.keys()].map((file) => file.replace(/^sys_/, 'system_'));
      samples.add(gauge('dmi_info', help, ...labels), 1, ...found.values());
    };
  },
};
