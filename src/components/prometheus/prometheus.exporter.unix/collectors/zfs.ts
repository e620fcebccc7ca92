import { NoData, type Collector } from '../collector.ts';
import { gauge, untyped } from '../family.ts';
import type { HostPaths } from '../host-paths.ts';
import { attribute, ifPresent, linesOf, namesIfAny, numberIn, readProc, wordsOf } from '../read-file.ts';
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

export const zfs: Collector = {
  name: 'zfs',
  doc: 'Caches and pools of ZFS.',
  open:
    ({ paths }) =>
    async (samples) => {
      const folder = paths.proc('spl/kstat/zfs');
      const names = await namesIfAny(folder);
      if (names.length === 0) throw new NoData('there is no ZFS');
      for (const [file, subsystem] of Object.entries(subsystems)) {
        const text = await ifPresent(readProc(`${folder}/${file}`));
        for (const [field, value] of kstatOf(text ?? ''))
          samples.add(untyped(`zfs_${subsystem}_${field}`, `The field ${field} of ${file}.`), value);
      }
      const files = new Set(Object.keys(subsystems));
      for (const pool of names) if (!files.has(pool)) await addPool(paths, samples, pool);
    },
};

async function addPool(paths: HostPaths, samples: Samples, zpool: string): Promise<void> {
  const folder = paths.proc(`spl/kstat/zfs/${zpool}`);
  for (const name of await namesIfAny(folder)) {
    if (name === 'io') {
      for (const [field, value] of ioOf((await ifPresent(readProc(`${folder}/${name}`))) ?? ''))
        samples.add(untyped(`zfs_zpool_${field}`, `The field ${field} of the I/O of pools.`, 'zpool'), value, zpool);
    } else if (name === 'state') {
      const current = (await attribute(`${folder}/${name}`))?.toLowerCase();
      for (const known of poolStates) samples.add(poolState, known === current ? 1 : 0, known, zpool);
    } else if (name.startsWith('objset-')) {
      addDataset(samples, zpool, (await ifPresent(readProc(`${folder}/${name}`))) ?? '');
    }
  }
}

function addDataset(samples: Samples, zpool: string, text: string): void {
  const [, dataset] = /^dataset_name\s+\d+\s+(.*)$/m.exec(text) ?? [];
  if (dataset === undefined) return;
  for (const [field, value] of kstatOf(text)) {
    const help = `The field ${field} of datasets.`;
    samples.add(untyped(`zfs_zpool_dataset_${field}`, help, 'dataset', 'zpool'), value, dataset, zpool);
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
