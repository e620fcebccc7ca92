import type { Collector } from '../collector.ts';
import { counter, type Family } from '../family.ts';
import { linesOf, wantNumber, wordsOf } from '../words.ts';

/** The families of one row: `prefix_<name>_total` for each column, with what is counted. */
function row(prefix: string, columns: readonly (readonly [name: string, help: string])[]): readonly Family[] {
  return columns.map(([name, help]) => counter(`xfs_${prefix}${name}_total`, help, 'device'));
}

/** What is done to the records of a tree, for the two trees that are told of. */
function tree(prefix: string, what: string): readonly Family[] {
  return row(prefix, [
    ['lookups', `Lookups in the tree of ${what}.`],
    ['compares', `Comparisons in the tree of ${what}.`],
    ['records_inserted', `Records inserted into the tree of ${what}.`],
    ['records_deleted', `Records deleted from the tree of ${what}.`],
  ]);
}

/** By the first word of a row in the statistics of a filesystem. */
const rows: ReadonlyMap<string, readonly Family[]> = new Map([
  [
    'extent_alloc',
    row('extent_allocation_', [
      ['extents_allocated', 'Extents that were allocated.'],
      ['blocks_allocated', 'Blocks that were allocated.'],
      ['extents_freed', 'Extents that were freed.'],
      ['blocks_freed', 'Blocks that were freed.'],
    ]),
  ],
  ['abt', tree('allocation_btree_', 'free space')],
  [
    'blk_map',
    row('block_mapping_', [
      ['reads', 'Block maps for reads.'],
      ['writes', 'Block maps for writes.'],
      ['unmaps', 'Blocks that were unmapped.'],
      ['extent_list_insertions', 'Extents inserted into lists.'],
      ['extent_list_deletions', 'Extents deleted from lists.'],
      ['extent_list_lookups', 'Lookups in lists of extents.'],
      ['extent_list_compares', 'Comparisons in lists of extents.'],
    ]),
  ],
  ['bmbt', tree('block_map_btree_', 'block maps')],
  [
    'dir',
    row('directory_operation_', [
      ['lookup', 'Names looked up in directories.'],
      ['create', 'Entries made in directories.'],
      ['remove', 'Entries removed from directories.'],
      ['getdents', 'Times that directories were listed.'],
    ]),
  ],
  [
    'ig',
    row('inode_operation_', [
      ['attempts', 'Times that the cache was asked for an inode.'],
      ['found', 'Times that the inode was in the cache.'],
      ['recycled', 'Times that the inode was about to leave the cache.'],
      ['missed', 'Times that the inode was not in the cache.'],
      ['duplicates', 'Times that the inode had been read by someone else meanwhile.'],
      ['reclaims', 'Inodes that left the cache.'],
      ['attribute_changes', 'Changes of the attributes of inodes.'],
    ]),
  ],
  [
    'rw',
    row('', [
      ['write_calls', 'Calls to write files.'],
      ['read_calls', 'Calls to read files.'],
    ]),
  ],
  [
    'vnodes',
    row('vnode_', [
      ['active', 'Vnodes in use.'],
      ['allocate', 'Times that vnodes were allocated.'],
      ['get', 'Times that vnodes were got.'],
      ['hold', 'Times that vnodes were held.'],
      ['release', 'Times that vnodes were released.'],
      ['reclaim', 'Times that vnodes were reclaimed.'],
      ['remove', 'Times that vnodes were removed.'],
    ]),
  ],
]);

export const xfs: Collector = {
  name: 'xfs',
  doc: 'What XFS filesystems do.',
  open:
    ({ paths, files }) =>
    (samples) => {
      for (const device of files.untoldNamesIfAny(paths.sys('fs/xfs'))) {
        const text = files.textIfAny(paths.sys(`fs/xfs/${device}/stats/stats`));
        for (const line of linesOf(text ?? '')) {
          const [name = '', ...values] = wordsOf(line);
          for (const [index, family] of (rows.get(name) ?? []).entries())
            if (index < values.length) samples.add(family, wantNumber(values[index]), device);
        }
      }
    },
};
