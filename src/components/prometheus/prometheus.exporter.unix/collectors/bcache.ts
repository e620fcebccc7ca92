import { readFile } from 'node:fs/promises';
import { isAbsence } from '../absence.ts';
import type { Collector } from '../collector.ts';
import { counter, gauge, type Family } from '../family.ts';
import type { HostFiles } from '../host-files.ts';
import type { HostFolder } from '../host-folder.ts';
import type { Samples } from '../samples.ts';
import { linesOf, numberIn } from '../words.ts';
import { humanNumber } from './bcache/human-number.ts';

const set = ['uuid'] as const;
const backing = ['uuid', 'backing_device'] as const;
const cache = ['uuid', 'cache_device'] as const;

/** By their files in the folder of a set of caches. */
const ofSet: Readonly<Record<string, Family>> = {
  average_key_size: gauge('bcache_average_key_size_sectors', 'Average size of what a key stands for.', ...set),
  btree_cache_size: gauge('bcache_btree_cache_size_bytes', 'Memory that the tree takes.', ...set),
  cache_available_percent: gauge('bcache_cache_available_percent', 'Part of the cache without dirty data.', ...set),
  congested: gauge('bcache_congested', 'How congested the caches are.', ...set),
  root_usage_percent: gauge('bcache_root_usage_percent', 'Part of the root of the tree in use.', ...set),
  tree_depth: gauge('bcache_tree_depth', 'Depth of the tree.', ...set),
  'internal/active_journal_entries': gauge('bcache_active_journal_entries', 'Newer entries of the journal.', ...set),
  'internal/btree_nodes': gauge('bcache_btree_nodes', 'Nodes of the tree.', ...set),
  'internal/cache_read_races': counter('bcache_cache_read_races_total', 'Reads of what was replaced.', ...set),
};
const readDuration = gauge('bcache_btree_read_average_duration_seconds', 'Average time of a read of the tree.', ...set);

/** By their files in the folder of a backing device. */
const ofBackingDevice: Readonly<Record<string, Family>> = {
  dirty_data: gauge('bcache_dirty_data_bytes', 'Data that is only in the cache.', ...backing),
  'stats_total/bypassed': counter('bcache_bypassed_bytes_total', 'Data that was not cached.', ...backing),
  'stats_total/cache_hits': counter('bcache_cache_hits_total', 'Requests that the cache has served.', ...backing),
  'stats_total/cache_misses': counter('bcache_cache_misses_total', 'Requests for what was not cached.', ...backing),
  'stats_total/cache_bypass_hits': counter(
    'bcache_cache_bypass_hits_total',
    'Requests past the cache for what was cached.',
    ...backing,
  ),
  'stats_total/cache_bypass_misses': counter(
    'bcache_cache_bypass_misses_total',
    'Requests past the cache for what was not cached.',
    ...backing,
  ),
  'stats_total/cache_miss_collisions': counter(
    'bcache_cache_miss_collisions_total',
    'Data that was written while it was about to be cached.',
    ...backing,
  ),
};
const readaheads = counter('bcache_cache_readaheads_total', 'Times that more was read than asked for.', ...backing);

/** By the first word of a line in `writeback_rate_debug`. */
const writeback = new Map([
  ['rate', gauge('bcache_writeback_rate', 'Bytes to write back in a second.', ...backing)],
  ['target', gauge('bcache_dirty_target_bytes', 'How much data should be only in the cache.', ...backing)],
  ['proportional', gauge('bcache_writeback_rate_proportional_term', 'Proportional part of the rate.', ...backing)],
  ['integral', gauge('bcache_writeback_rate_integral_term', 'Integral part of the rate.', ...backing)],
  ['change', gauge('bcache_writeback_change', 'How the rate changed last.', ...backing)],
]);

/** By their files in the folder of a cache. */
const ofCache: Readonly<Record<string, Family>> = {
  io_errors: gauge('bcache_io_errors', 'Errors of the device.', ...cache),
  metadata_written: counter('bcache_metadata_written_bytes_total', 'Metadata that was written.', ...cache),
  written: counter('bcache_written_bytes_total', 'Data that was written.', ...cache),
};

/** By the first word of a line in `priority_stats`. */
const priorities = new Map([
  ['Unused', gauge('bcache_priority_stats_unused_percent', 'Part of the cache without data.', ...cache)],
  ['Metadata', gauge('bcache_priority_stats_metadata_percent', 'Part of the cache with metadata.', ...cache)],
]);

export const bcache: Collector = {
  name: 'bcache',
  doc: 'Caches of block devices.',
  open:
    ({ paths, files, args }) =>
    async (samples) => {
      for (const uuid of files.untoldNamesIfAny(paths.sys('fs/bcache'))) {
        if (!uuid.includes('-')) continue;
        const folder = paths.sys(`fs/bcache/${uuid}`);
        await addFiles(samples, files.folder(folder), ofSet, [uuid]);
        const micros = await humanAttribute(files.folder(folder), 'internal/btree_read_average_duration_us');
        // The factor is not that of microseconds, which dashboards have got used to.
        samples.add(readDuration, micros / 1e9, uuid);
        for (const device of files.untoldNamesIfAny(folder)) {
          const labels = [uuid, device];
          if (/^bdev\d+$/.test(device)) await addBackingDevice(samples, files, `${folder}/${device}`, labels);
          if (/^cache\d+$/.test(device)) {
            await addFiles(samples, files.folder(`${folder}/${device}`), ofCache, labels);
            if (args.bcache.priority_stats) await addPriorities(samples, `${folder}/${device}`, labels);
          }
        }
      }
    },
};

async function addFiles(
  samples: Samples,
  folder: HostFolder,
  files: Readonly<Record<string, Family>>,
  labels: readonly string[],
): Promise<void> {
  for (const [file, family] of Object.entries(files))
    samples.add(family, await humanAttribute(folder, file), ...labels);
}
async function addBackingDevice(
  samples: Samples,
  files: HostFiles,
  path: string,
  labels: readonly string[],
): Promise<void> {
  const folder = files.folder(path);
  await addFiles(samples, folder, ofBackingDevice, labels);
  const ahead = await humanAttribute(folder, 'stats_total/cache_readaheads');
  if (ahead !== 0) samples.add(readaheads, ahead, ...labels);
  for (const [name, text] of await namedLines(`${path}/writeback_rate_debug`)) {
    const family = writeback.get(name);
    if (family !== undefined) samples.add(family, humanNumber(text.replace(/\/sec$/, '')), ...labels);
  }
}

async function addPriorities(samples: Samples, folder: string, labels: readonly string[]): Promise<void> {
  for (const [name, text] of await namedLines(`${folder}/priority_stats`)) {
    const family = priorities.get(name);
    if (family !== undefined) samples.add(family, numberIn(text.replace(/%$/, '')), ...labels);
  }
}

/** What a file says in lines `name: text`. The kernel takes some time to make it up. */
async function namedLines(file: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isAbsence(error)) return '';
    throw error;
  });
  return linesOf(text).map((line) => {
    const [name = '', value = ''] = line.split(':', 2);
    return [name.trim(), value.trim()];
  });
}

async function humanAttribute(folder: HostFolder, file: string): Promise<number> {
  await folder.readWithCare([file]);
  const text = folder.attribute(file);
  return text === undefined ? 0 : (humanNumber(text) ?? 0);
}
