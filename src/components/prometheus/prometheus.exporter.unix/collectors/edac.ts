import type { Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { namesIfAny, numberAttribute } from '../read-file.ts';

const correctable = counter('edac_correctable_errors_total', 'Memory errors that were corrected.', 'controller');
const uncorrectable = counter('edac_uncorrectable_errors_total', 'Memory errors beyond correction.', 'controller');
const rowCorrectable = counter(
  'edac_csrow_correctable_errors_total',
  'Memory errors that were corrected, by chip-select row.',
  'controller',
  'csrow',
);
const rowUncorrectable = counter(
  'edac_csrow_uncorrectable_errors_total',
  'Memory errors beyond correction, by chip-select row.',
  'controller',
  'csrow',
);

export const edac: Collector = {
  name: 'edac',
  doc: 'Errors that memory controllers have found and corrected.',
  open:
    ({ paths }) =>
    async (samples) => {
      const folder = paths.sys('devices/system/edac/mc');
      for (const name of await namesIfAny(folder)) {
        const [, controller] = /^mc(\d+)$/.exec(name) ?? [];
        if (controller === undefined) continue;
        const own = `${folder}/${name}`;
        samples.add(correctable, await numberAttribute(`${own}/ce_count`), controller);
        samples.add(rowCorrectable, await numberAttribute(`${own}/ce_noinfo_count`), controller, 'unknown');
        samples.add(uncorrectable, await numberAttribute(`${own}/ue_count`), controller);
        samples.add(rowUncorrectable, await numberAttribute(`${own}/ue_noinfo_count`), controller, 'unknown');
        for (const row of await namesIfAny(own)) {
          const [, csrow] = /^csrow(\d+)$/.exec(row) ?? [];
          if (csrow === undefined) continue;
          samples.add(rowCorrectable, await numberAttribute(`${own}/${row}/ce_count`), controller, csrow);
          samples.add(rowUncorrectable, await numberAttribute(`${own}/${row}/ue_count`), controller, csrow);
        }
      }
    },
};
