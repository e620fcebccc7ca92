import type { Collector } from '../collector.ts';
import { counter } from '../family.ts';

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
    ({ paths, files }) =>
    (samples) => {
      const folder = paths.sys('devices/system/edac/mc');
      for (const name of files.namesIfAny(folder)) {
        const [, controller] = /^mc(\d+)$/.exec(name) ?? [];
        if (controller === undefined) continue;
        const own = `${folder}/${name}`;
        samples.add(correctable, files.number(`${own}/ce_count`), controller);
        samples.add(rowCorrectable, files.number(`${own}/ce_noinfo_count`), controller, 'unknown');
        samples.add(uncorrectable, files.number(`${own}/ue_count`), controller);
        samples.add(rowUncorrectable, files.number(`${own}/ue_noinfo_count`), controller, 'unknown');
        for (const row of files.namesIfAny(own)) {
          const [, csrow] = /^csrow(\d+)$/.exec(row) ?? [];
          if (csrow === undefined) continue;
          samples.add(rowCorrectable, files.number(`${own}/${row}/ce_count`), controller, csrow);
          samples.add(rowUncorrectable, files.number(`${own}/${row}/ue_count`), controller, csrow);
        }
      }
    },
};
