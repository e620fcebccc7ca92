import { gauge } from '../family.ts';
import type { Collector } from '../collector.ts';
import { addMerged } from './textfile/merge.ts';
import { readTextFiles } from './textfile/text-files.ts';

const modified = gauge('textfile_mtime_seconds', 'When a file was written, in seconds since 1970.', 'file');
const hasErrors = gauge('textfile_scrape_error', 'Whether a file could not be opened or read.');

export const textfile: Collector = {
  name: 'textfile',
  doc: 'Metrics that others have written into files.',
  open({ args, log }) {
    /** So that what lasts is logged once. */
    let told = new Set<string>();
    return async (samples) => {
      const { files, problems } = await readTextFiles(args.textfile.directory);
      for (const { path, modifiedAt } of files) samples.add(modified, Math.trunc(modifiedAt / 1000), path);
      const all = [...problems, ...addMerged(samples, files)];
      for (const problem of all) if (!told.has(problem)) log.error('cannot expose a text file', { error: problem });
      told = new Set(all);
      samples.add(hasErrors, all.length > 0 ? 1 : 0);
    };
  },
};
