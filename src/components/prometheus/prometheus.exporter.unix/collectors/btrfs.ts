import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import type { HostFiles } from '../host-files.ts';
import type { Samples } from '../samples.ts';
import { linesOf, numberIn } from '../words.ts';

const info = gauge('btrfs_info', 'A filesystem. The value is always 1.', 'uuid', 'label');
const globalReserve = gauge('btrfs_global_rsv_size_bytes', 'Size of the global reserve.', 'uuid');
const reserved = gauge('btrfs_reserved_bytes', 'Reserved space.', 'uuid', 'block_group_type');
const used = gauge('btrfs_used_bytes', 'Used space.', 'uuid', 'block_group_type', 'mode');
const size = gauge('btrfs_size_bytes', 'Space that is set aside.', 'uuid', 'block_group_type', 'mode');
const ratio = gauge('btrfs_allocation_ratio', 'Space that each byte takes.', 'uuid', 'block_group_type', 'mode');
const deviceSize = gauge('btrfs_device_size_bytes', 'Size of a device of a filesystem.', 'uuid', 'device');

const seconds = (milliseconds: number): number => milliseconds / 1000;

/** By the first word of a line in `commit_stats`, with what makes its unit. */
const commits = new Map([
  ['commits', [counter('btrfs_commits_total', 'Commits.', 'uuid'), (value: number) => value]],
  ['last_commit_ms', [gauge('btrfs_last_commit_seconds', 'Time that the last commit took.', 'uuid'), seconds]],
  ['max_commit_ms', [gauge('btrfs_max_commit_seconds', 'Time that the longest commit took.', 'uuid'), seconds]],
  ['total_commit_ms', [counter('btrfs_commit_seconds_total', 'Time that all commits took.', 'uuid'), seconds]],
] as const);

/** How often the profiles store each byte, by the number of devices. */
const ratios: Readonly<Record<string, (devices: number) => number>> = {
  single: () => 1,
  raid0: () => 1,
  dup: () => 2,
  raid1: () => 2,
  raid10: () => 2,
  raid1c3: () => 3,
  raid1c4: () => 4,
  raid5: (devices) => devices / (devices - 1),
  raid6: (devices) => devices / (devices - 2),
};

export const btrfs: Collector = {
  name: 'btrfs',
  doc: 'Space and commits of Btrfs filesystems, without what only the control interface of the kernel tells.',
  open({ paths, files }) {
    const folder = paths.sys('fs/btrfs');
    return (samples) => {
      for (const uuid of files.untoldNamesIfAny(folder))
        if (/^[\da-f]+(?:-[\da-f]+)+$/i.test(uuid)) addFilesystem(samples, files, `${folder}/${uuid}`, uuid);
    };
  },
};

function addFilesystem(samples: Samples, files: HostFiles, folder: string, uuid: string): void {
  samples.add(info, 1, uuid, files.attribute(`${folder}/label`) ?? '');
  samples.add(globalReserve, files.number(`${folder}/allocation/global_rsv_size`), uuid);
  for (const line of linesOf(files.textIfAny(`${folder}/commit_stats`) ?? '')) {
    const [name = '', value] = line.split(' ');
    const known = commits.get(name as 'commits');
    const number = numberIn(value);
    if (known !== undefined && number !== undefined) samples.add(known[0], known[1](number), uuid);
  }
  const devices = files.untoldNamesIfAny(`${folder}/devices`);
  for (const device of devices) {
    const sectors = files.number(`${folder}/devices/${device}/size`);
    samples.add(deviceSize, sectors === undefined ? undefined : sectors * 512, uuid, device);
  }
  for (const group of ['data', 'metadata', 'system'])
    addGroup(samples, files, `${folder}/allocation/${group}`, { uuid, group, devices: devices.length });
}

function addGroup(
  samples: Samples,
  files: HostFiles,
  folder: string,
  { uuid, group, devices }: { uuid: string; group: string; devices: number },
): void {
  samples.add(reserved, files.number(`${folder}/bytes_reserved`), uuid, group);
  for (const mode of files.untoldNamesIfAny(folder)) {
    const ratioOf = Object.hasOwn(ratios, mode) ? ratios[mode] : undefined;
    if (ratioOf === undefined) continue;
    samples.add(used, files.number(`${folder}/${mode}/used_bytes`), uuid, group, mode);
    samples.add(size, files.number(`${folder}/${mode}/total_bytes`), uuid, group, mode);
    samples.add(ratio, ratioOf(devices), uuid, group, mode);
  }
}
