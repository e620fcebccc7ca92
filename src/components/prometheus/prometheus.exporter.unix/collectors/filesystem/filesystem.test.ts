import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo } from '../../../../../base/log.ts';
import { hostArguments, hostTree, openExporter, samplesIn } from '../../../../../testkit/host-tree.ts';
import { until } from '../../../../../testkit/until.ts';
import { prometheusExporterUnix } from '../../../prometheus.exporter.unix.ts';
import { HostFiles } from '../../host-files.ts';
import { HostPaths } from '../../host-paths.ts';
import { FilesystemStats, type FilesystemStat } from './filesystem-stats.ts';
import { mountsText, parseMounts } from './mounts.ts';

const stat: FilesystemStat = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 10, ffree: 5 };

const mountinfo = `36 35 8:1 / /mnt/my\\040disk rw,noatime - ext4 /dev/sda1 ro,errors=remount-ro
37 35 8:2 / /data rw,relatime shared:1 master:2 - xfs /dev/sdb rw
38 35 0:5 / /proc rw - proc proc rw
39 35 8:2 / /data rw,relatime - xfs /dev/sdb rw
40 35 8:3 / /gone rw - ext4 /dev/sdc rw
`;

test('each filesystem tells its space, whether it is read-only, and what went wrong', async (t) => {
  const folder = await hostTree(t, {
    'proc/1/mountinfo': mountinfo,
    'root/mnt/my disk/x': '',
    'root/data/x': '',
  });
  const config = `set_collectors = ["filesystem"]\n${hostArguments(folder)}`;
  const samples = samplesIn(await openExporter(prometheusExporterUnix, config).metrics()).map((line) =>
    line.replace(/ (?!\d$)[\d.e+]+$/, ' n'),
  );
  const names = (labels: string): string[] =>
    ['avail_bytes', 'files', 'files_free', 'free_bytes', 'size_bytes'].map(
      (name) => `node_filesystem_${name}{${labels}} n`,
    );
  const data = 'device="/dev/sdb",device_error="",fstype="xfs",mountpoint="/data"';
  const disk = 'device="/dev/sda1",device_error="",fstype="ext4",mountpoint="/mnt/my disk"';
  const gone = 'device="/dev/sdc",device_error="no such file or directory",fstype="ext4",mountpoint="/gone"';
  assert.deepEqual(
    samples.toSorted(),
    [
      ...names(data),
      ...names(disk),
      `node_filesystem_purgeable_bytes{${data}} 0`,
      `node_filesystem_purgeable_bytes{${disk}} 0`,
      `node_filesystem_readonly{${data}} 0`,
      `node_filesystem_readonly{${disk}} 1`,
      `node_filesystem_readonly{${gone}} 0`,
      `node_filesystem_device_error{${data}} 0`,
      `node_filesystem_device_error{${disk}} 0`,
      `node_filesystem_device_error{${gone}} 1`,
      'node_filesystem_mount_info{device="/dev/sda1",major="8",minor="1",mountpoint="/mnt/my disk"} 1',
      'node_filesystem_mount_info{device="/dev/sdb",major="8",minor="2",mountpoint="/data"} 1',
      'node_filesystem_mount_info{device="/dev/sdc",major="8",minor="3",mountpoint="/gone"} 1',
    ].toSorted(),
  );
});

test('our own mounts count where those of the first process are missing, without the root of the host', async (t) => {
  const folder = await hostTree(t, {
    'proc/self/mountinfo': '1 0 8:1 / /host/root rw - ext4 a rw\n2 1 8:2 / /host/root/x rw - ext4 b rw\n',
  });
  const paths = new HostPaths({ procfs: `${folder}/proc`, sysfs: '', rootfs: '/host/root', udevData: '' });
  assert.deepEqual(
    parseMounts(mountsText(paths, new HostFiles()), paths).map(({ mountpoint }) => mountpoint),
    ['/', '/x'],
  );
});

test('a filesystem that hangs is given up, not asked again before it answers, and holds up few others', async () => {
  const asked: string[] = [];
  const answers = new Map<string, () => void>();
  const logged: string[] = [];
  const ask = (path: string): Promise<FilesystemStat> => {
    asked.push(path);
    if (!path.startsWith('/nfs')) return Promise.resolve(stat);
    return new Promise((resolve) => answers.set(path, () => resolve(stat)));
  };
  const stats = new FilesystemStats(
    5,
    logTo((_level, message) => logged.push(message)),
    ask,
  );
  const places = ['/nfs1', '/nfs2', '/nfs3', '/'].map((path) => ({ path, fstype: path === '/' ? 'ext4' : 'nfs4' }));
  const stuck = 'mountpoint timeout';

  assert.deepEqual(await stats.of(places), [stuck, stuck, stuck, stat]);
  assert.deepEqual(asked, ['/', '/nfs1', '/nfs2']);
  assert.deepEqual(await stats.of(places), [stuck, stuck, stuck, stat]);
  assert.deepEqual(asked.slice(3), ['/']);
  answers.get('/nfs1')?.();
  await until(() => logged.includes('a filesystem answers again'));
  assert.deepEqual((await stats.of(places)).slice(1), [stuck, stuck, stat]);
  assert.deepEqual(asked.slice(4), ['/', '/nfs1']);
  assert.deepEqual(logged.slice(0, 3), [
    'a filesystem does not answer',
    'a filesystem does not answer',
    'a filesystem answers again',
  ]);
});
