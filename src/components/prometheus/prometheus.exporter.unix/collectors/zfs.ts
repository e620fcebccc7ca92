import { NoData, type Collector } from '../collector.ts';
import { gauge, untyped, type Family } from '../family.ts';
import { linesOf, numberIn, wordsOf } from '../words.ts';
import type { HostFiles } from '../host-files.ts';
import type { Samples } from '../samples.ts';

/** The part of metric names by the file of statistics. */
const subsystems: Readonly<Record<string, string>> = {
  abdstats: 'abd',
  arcstats: 'arc',
  dbufstats: 'dbuf',
  dmu_tx: 'dmu_tx',
  dnodestats: 'dnode',
  fm: 'fm',
  vdev_cache_stats: 'vdev_cache',
  vdev_mirror_stats: 'vdev_mirror',
  xuio_stats: 'xuio',
  zfetchstats: 'zfetch',
  zil: 'zil',
};

const poolState = gauge('zfs_zpool_state', 'Whether a pool is in a state.', 'state', 'zpool');
const poolStates = ['online', 'degraded', 'faulted', 'offline', 'removed', 'unavail', 'suspended'];

const noZfs = new NoData('there is no ZFS');

export const zfs: Collector = {
  name: 'zfs',
  doc: 'Caches and pools of ZFS.',
  open({ paths, files }) {
    const folder = paths.proc('spl/kstat/zfs');
    const families = new ZfsFamilies();
    return (samples) => {
      const names = files.untoldNamesIfAny(folder);
      if (names.length === 0) throw noZfs;
      for (const [file, subsystem] of Object.entries(subsystems))
        for (const [field, value] of kstatOf(files.textIfAny(`${folder}/${file}`) ?? ''))
          samples.add(families.of(`${subsystem}_${field}`, `The field ${field} of ${file}.`), value);
      for (const pool of names)
        if (!Object.hasOwn(subsystems, pool)) addPool(samples, files, families, { path: `${folder}/${pool}`, pool });
    };
  },
};

/** The families by their names, so that they are made once. */
class ZfsFamilies {
  readonly #known = new Map<string, Family>();

  of(name: string, help: string, ...labels: readonly string[]): Family {
    let family = this.#known.get(name);
    if (family === undefined) this.#known.set(name, (family = untyped(`zfs_${name}`, help, ...labels)));
    return family;
  }
}

function addPool(
  samples: Samples,
  files: HostFiles,
  families: ZfsFamilies,
  { path, pool }: { readonly path: string; readonly pool: string },
): void {
  for (const name of files.untoldNamesIfAny(path)) {
    if (name === 'io') {
      for (const [field, value] of ioOf(files.textIfAny(`${path}/${name}`) ?? ''))
        samples.add(families.of(`zpool_${field}`, `The field ${field} of the I/O of pools.`, 'zpool'), value, pool);
    } else if (name === 'state') {
      const current = files.attribute(`${path}/${name}`)?.toLowerCase();
      for (const known of poolStates) samples.add(poolState, known === current ? 1 : 0, known, pool);
    } else if (name.startsWith('objset-')) {
      addDataset(samples, families, pool, files.textIfAny(`${path}/${name}`) ?? '');
    }
  }
}

function addDataset(samples: Samples, families: ZfsFamilies, pool: string, text: string): void {
  const [, dataset] = /^dataset_name\s+\d+\s+(.*)$/m.exec(text) ?? [];
  if (dataset === undefined) return;
  for (const [field, value] of kstatOf(text)) {
    const family = families.of(`zpool_dataset_${field}`, `The field ${field} of datasets.`, 'dataset', 'zpool');
    samples.add(family, value, dataset, pool);
  }
}

/** The integers in rows of name, type and data, which follow a line that says so. */
function kstatOf(text: string): readonly (readonly [field: string, value: number])[] {
  const lines = linesOf(text);
  const header = lines.findIndex((line) => /^name\s+type\s+data/.test(line));
  return lines.slice(header < 0 ? lines.length : header + 1).flatMap((line) => {
    const [name = '', type, data] = wordsOf(line);
    const field = name.replaceAll('-', '_');
    const value = type === '3' || type === '4' ? numberIn(data) : undefined;
    return value === undefined || !/^\w+$/.test(field) ? [] : [[field, value] as const];
  });
}

/** The second line names columns, the third has their values. */
function ioOf(text: string): readonly (readonly [field: string, value: number])[] {
  const [, names = '', values = ''] = linesOf(text);
  const words = wordsOf(values);
  return wordsOf(names).flatMap((field, index) => {
    const value = numberIn(words[index]);
    return value === undefined || !/^\w+$/.test(field) ? [] : [[field, value] as const];
  });
}
