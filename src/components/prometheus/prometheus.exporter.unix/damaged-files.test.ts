import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hostArguments, hostTree, openExporter } from '../../../testkit/host-tree.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { parseFamilies } from '../../../formats/prometheus-text/parse-families.ts';
import { prometheusExporterUnix } from '../prometheus.exporter.unix.ts';

/** Files as a kernel writes them, or nearly. */
const files = {
  'proc/stat': 'cpu0 1 2 3 4 5 6 7 8 9 10\nintr 5 1\nctxt 1\n',
  'proc/cpuinfo': 'processor : 0\nflags : a b\ncpu MHz : 1\n\n',
  'proc/schedstat': 'cpu0 0 0 0 0 0 0 1 2 3\n',
  'proc/loadavg': '1 2 3 4/5 6\n',
  'proc/meminfo': 'MemTotal: 1 kB\n',
  'proc/vmstat': 'pgpgin 1\n',
  'proc/diskstats': '8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n',
  'proc/1/mountinfo': '36 35 8:1 / / rw - ext4 /dev/sda1 rw\n',
  'proc/mdstat': 'md1 : active raid1 sdb1[1]\n  10 blocks [2/1] [_U]\n  resync = 4% (4/10)\n',
  'proc/net/dev': 'a\nb\n lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n',
  'proc/net/netstat': 'TcpExt: SyncookiesSent\nTcpExt: 1\n',
  'proc/net/snmp': 'Udp: NoPorts\nUdp: 1\n',
  'proc/net/sockstat': 'TCP: inuse 4 mem 2\n',
  'proc/net/softnet_stat': '00000001 00000002 00000003\n',
  'proc/net/arp': 'head\n1 2 3 4 5 eth0\n',
  'proc/net/udp': 'head\n 0: 1:2 3:4 07 00:01 0\n',
  'proc/net/ip_vs_stats': 'a\nb\n1 2 3 4 5\n',
  'proc/net/ip_vs': 'TCP C0A80016:0CEA wlc\n -> C0A85216:0CEA Tunnel 1 2 3\n',
  'proc/net/rpc/nfs': 'net 1 2 3 4\nproc3 2 1 2\n',
  'proc/net/rpc/nfsd': 'rc 1 2 3\nproc4ops 2 1 2\n',
  'proc/pressure/cpu': 'some avg10=0 total=1\n',
  'proc/pressure/io': 'full avg10=0 total=1\n',
  'proc/pressure/memory': 'some avg10=0 total=1\n',
  'proc/sys/fs/file-nr': '1\t0\t2\n',
  'proc/spl/kstat/zfs/arcstats': 'a\nname type data\nhits 4 1\n',
  'sys/fs/xfs/sda/stats/stats': 'rw 1 2\n',
  'sys/fs/bcache/a-b/bdev0/dirty_data': '1.5k\n',
  'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1\n',
  'sys/devices/system/cpu/isolated': '0-3\n',
  'sys/class/hwmon/hwmon0/temp1_input': '1\n',
  'sys/class/net/eth0/flags': '0x1\n',
  'sys/class/power_supply/B/temp': '1\n',
  'sys/class/infiniband/a/ports/1/rate': '1 Gb\n',
  'root/etc/os-release': 'NAME="a"\nVERSION_ID=1\n',
  'udev/b8:0': 'E:ID_PATH=a\n',
};

/** All series but those that differ from one scrape to the next, or from one exporter to the next. */
function seriesIn(text: string): string[] {
  const own =
    /^(?:#|node_scrape_collector_duration|node_cpu_(?:isolated|seconds)|node_filesystem_(?:avail|files_free|free)|node_time_seconds|promhttp)/;
  return text.split('\n').filter((line) => !own.test(line));
}

test('damaged files never fail a scrape, and what is exposed stays valid', async (t) => {
  const folder = await hostTree(t, files);
  const config = `cpu {\n info = true\n flags_include = "."\n}\nvmstat {\n fields = "."\n}\nnetstat {\n fields = "."\n}`;
  const damage = fc.record({
    file: fc.constantFrom(...Object.keys(files)),
    at: fc.nat(60),
    length: fc.nat(20),
    more: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('\n', ' ', '\0', '-1', '1e999', '99999999999999999999', '"', ':', '\ud800'),
    ),
  });
  // What an exporter remembers of damaged files does no harm either.
  const lasting = openExporter(prometheusExporterUnix, hostArguments(folder) + config);
  const intact = seriesIn(await lasting.metrics());
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 12 }), async (all) => {
      for (const { file, at, length, more } of all) {
        const text = files[file as keyof typeof files];
        await writeFile(`${folder}/${file}`, text.slice(0, at) + more + text.slice(at + length));
      }
      const exporter = openExporter(prometheusExporterUnix, hostArguments(folder) + config);
      const { status, body } = await exporter.ask('metrics');
      const damaged = seriesIn(await lasting.metrics());
      for (const [file, text] of Object.entries(files)) await writeFile(`${folder}/${file}`, text);
      assert.deepEqual(damaged, seriesIn(body));
      assert.deepEqual(seriesIn(await lasting.metrics()), intact);
      assert.equal(status, 200);
      assert.match(body, /^node_scrape_collector_success{collector="zfs"} [01]$/m);
      const families = parseFamilies(body);
      assert.ok(!(families instanceof ParseError), families instanceof ParseError ? families.message : '');
    }),
    { numRuns: 60 },
  );
});
