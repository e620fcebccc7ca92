import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import type { Samples } from '../samples.ts';
import { FilesystemStats, isQuickToAsk, type FilesystemStat, type Place } from './filesystem/filesystem-stats.ts';
import { mountsText, parseMounts, type Mount } from './filesystem/mounts.ts';

const labels = ['device', 'mountpoint', 'fstype', 'device_error'] as const;
const size = gauge('filesystem_size_bytes', 'Size of a filesystem.', ...labels);
const free = gauge('filesystem_free_bytes', 'Free space of a filesystem.', ...labels);
const available = gauge('filesystem_avail_bytes', 'Free space for users who are not root.', ...labels);
const purgeable = gauge(
  'filesystem_purgeable_bytes',
  'Space that the system could free, which is 0 on Linux.',
  ...labels,
);
const files = gauge('filesystem_files', 'Files that a filesystem can have.', ...labels);
const filesFree = gauge('filesystem_files_free', 'Files that can be added to a filesystem.', ...labels);
const readonly = gauge('filesystem_readonly', 'Whether a filesystem cannot be written to.', ...labels);
const failed = gauge('filesystem_device_error', 'Whether a filesystem did not tell its statistics.', ...labels);
const mountInfo = gauge(
  'filesystem_mount_info',
  'Which device is mounted where. The value is always 1.',
  'device',
  'major',
  'minor',
  'mountpoint',
);

export const filesystem: Collector = {
  name: 'filesystem',
  doc: 'Space and files of mounted filesystems.',
  open({ paths, files: hostFiles, args, log }) {
    const { fs_types_exclude: types, mount_points_exclude: points, mount_timeout: timeout } = args.filesystem;
    const stats = new FilesystemStats(timeout, log);
    /** What is mounted rarely changes. */
    let known:
      | { readonly text: string; readonly mounts: readonly Mount[]; readonly places: readonly Place[] }
      | undefined;
    return async (samples) => {
      const text = mountsText(paths, hostFiles);
      if (known?.text !== text) {
        const all = parseMounts(text, paths);
        const mounts = firstOfEach(
          all.filter(
            ({ mountpoint, fstype }) =>
              !(points.source !== '' && points.test(mountpoint)) && !(types.source !== '' && types.test(fstype)),
          ),
        );
        const places = mounts.map(({ mountpoint, fstype }) => ({
          path: paths.root(mountpoint),
          fstype,
          isQuick: isQuickToAsk(fstype, typesAround(mountpoint, all)),
        }));
        known = { text, mounts, places };
      }
      const { mounts, places } = known;
      const found = await stats.of(places);
      for (const [index, mount] of mounts.entries()) addMount(samples, mount, found[index]);
    };
  },
};

/** The types of all filesystems that a path leads through. */
function typesAround(mountpoint: string, all: readonly Mount[]): readonly string[] {
  const around = all.filter((mount) => `${mountpoint}/`.startsWith(mount.mountpoint.replace(/\/*$/, '/')));
  return around.map(({ fstype }) => fstype);
}

/** A place can be mounted over; what cannot be told apart is told once. */
function firstOfEach(mounts: readonly Mount[]): readonly Mount[] {
  const known = new Map(
    mounts.toReversed().map((mount) => [[mount.device, mount.mountpoint, mount.fstype].join('\0'), mount]),
  );
  return [...known.values()].toReversed();
}

function addMount(samples: Samples, mount: Mount, stat: FilesystemStat | string | undefined): void {
  const { device, mountpoint, fstype, major, minor } = mount;
  const values = [device, mountpoint, fstype, typeof stat === 'string' ? stat : ''] as const;
  samples.add(failed, typeof stat === 'string' ? 1 : 0, ...values);
  samples.add(readonly, mount.isReadOnly ? 1 : 0, ...values);
  samples.add(mountInfo, 1, device, major, minor, mountpoint);
  if (typeof stat !== 'object') return;
  samples.add(size, stat.blocks * stat.bsize, ...values);
  samples.add(free, stat.bfree * stat.bsize, ...values);
  samples.add(available, stat.bavail * stat.bsize, ...values);
  samples.add(files, stat.files, ...values);
  samples.add(filesFree, stat.ffree, ...values);
  samples.add(purgeable, 0, ...values);
}
