import { NoData, type Collector } from '../collector.ts';
import { gauge, type Family } from '../family.ts';

const names = [
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

const nothingTold = new NoData('the firmware tells nothing');

export const dmi: Collector = {
  name: 'dmi',
  doc: 'The make of the machine.',
  open({ paths, files }) {
    const path = paths.sys('class/dmi/id');
    /** It does not change while the system runs. */
    let found: { readonly info: Family; readonly values: readonly string[] } | undefined;
    return (samples) => {
      if (found === undefined) {
        if (files.namesIfAny(path).length === 0) throw nothingTold;
        const folder = files.folder(path);
        const readable = names.filter((name) => folder.attribute(name) !== undefined);
        const labels = readable.map((name) => name.replace(/^sys_/, 'system_'));
        const values = readable.map((name) => folder.attribute(name) ?? '');
        found = { info: gauge('dmi_info', help, ...labels), values };
      }
      samples.add(found.info, 1, ...found.values);
    };
  },
};
