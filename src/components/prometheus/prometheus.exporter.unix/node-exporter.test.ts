import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openExporter } from '../../../testkit/host-tree.ts';
import { until } from '../../../testkit/until.ts';
import { prometheusExporterUnix } from '../prometheus.exporter.unix.ts';

/*
 * The node exporter of the distribution on the same machine at the same time: names, types and labels must be the same,
 * and so must values that do not move. It may be older than what this exporter follows, which the lists below tell.
 */
const program = 'prometheus-node-exporter';
const isMissing = spawnSync(program, ['--version']).error !== undefined && process.env.CI !== 'true';

/** What its packages configure otherwise than Alloy, and what it can do beyond. */
const flags = [
  '--no-collector.systemd',
  '--no-collector.timex',
  '--collector.filesystem.fs-types-exclude=^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$',
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)',
  '--collector.netdev.device-exclude=^$',
  '--collector.netclass.ignored-devices=^$',
  String.raw`--collector.diskstats.device-exclude=^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$`,
  '--collector.vmstat.fields=^(oom_kill|pgpg|pswp|pg.*fault).*',
];

/** Families of it that are not here: of its process, of settings that Alloy has switched off, and of Debian's own. */
const onlyTheirs =
  /^(?:go_|process_|promhttp_|node_exporter_build_info|node_cpu_guest_|node_network_receive_nohandler_|node_textfile_mtime_)/;

/** Memory fields that the older exporter tells too, since it told all there are. */
const olderMemory =
  /^node_memory_(?:Balloon|FileHugePages|FilePmdMapped|Hugetlb|KReclaimable|SecPageTables|ShadowCallStack|Unaccepted)_bytes$/;

/** Labels that newer exporters have. */
const newerLabels = /(?:device_error="",|,adminstate="\w*"|,?rotational="\w*"|adminstate="\w*",)/g;

/** Values that stay the same while two exporters look. */
const steady =
  /^node_(?:boot_time_seconds|uname_info|os_|memory_(?:MemTotal|SwapTotal|Hugepagesize)|filesystem_(?:size_bytes|readonly)|disk_info|entropy_pool|filefd_maximum|network_(?:info|up|mtu|flags|iface|address_assign|speed|protocol)|nf_conntrack_entries_limit|cpu_(?:info|frequency_m|online)|hwmon_chip|dmi|nvme|power_supply_info|selinux|time_(?:zone|clock)|textfile_scrape|scrape_collector_success)/;

/** Families whose help texts are the same, since dashboards show them. */
const sameHelp = /^node_(?:memory|network_(?:receive|transmit)_\w+_total)/;

interface Exposed {
  readonly helps: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  readonly samples: ReadonlyMap<string, number>;
}

function parse(text: string): Exposed {
  const helps = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]));
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = lines.map((line): [string, number] => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at).replaceAll(newerLabels, ''), Number(line.slice(at + 1))];
  });
  return { helps, types, samples: new Map(samples) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test(
  'unix exposes what the node exporter of this machine does',
  { skip: isMissing && `${program} is not installed` },
  async (t) => {
    const port = await freePort();
    const child = spawn(program, [`--web.listen-address=127.0.0.1:${port}`, ...flags]);
    let complaints = '';
    child.stderr.on('data', (chunk) => (complaints += String(chunk)));
    t.after(async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    });
    const url = `http://127.0.0.1:${port}/metrics`;
    const fetched = (): Promise<string> => fetch(url).then((response) => response.text());
    await until(() => {
      assert.equal(child.exitCode, null, complaints);
      return fetched().then(
        () => true,
        () => false,
      );
    });
    const exporter = openExporter(prometheusExporterUnix, 'disable_collectors = ["timex"]');
    t.after(() => exporter.instance.close?.());
    // What is kept from scrape to scrape must not show.
    for (let scrape = 0; scrape < 5; scrape++) await exporter.metrics();
    const [theirs, ours] = [parse(await fetched()), parse(await exporter.metrics())];

    const missing = [...theirs.types.keys()].filter(
      (name) => !ours.types.has(name) && !onlyTheirs.test(name) && !olderMemory.test(name),
    );
    assert.deepEqual(missing, [], 'families that are not here');
    const otherTypes = [...theirs.types].filter(
      ([name, type]) => ours.types.has(name) && ours.types.get(name) !== type,
    );
    assert.deepEqual(otherTypes, [], 'types that differ');
    const otherHelps = [...theirs.helps].filter(
      ([name, help]) => sameHelp.test(name) && ours.helps.has(name) && ours.helps.get(name) !== help,
    );
    assert.deepEqual(otherHelps, [], 'help texts that differ');
    const unlike = [...theirs.samples.keys()].filter(
      (series) => ours.types.has(series.replace(/{.*/, '')) && !ours.samples.has(series) && !onlyTheirs.test(series),
    );
    assert.deepEqual(unlike, [], 'series that are not here');
    const otherValues = [...theirs.samples].filter(
      ([series, value]) => steady.test(series) && ours.samples.has(series) && ours.samples.get(series) !== value,
    );
    assert.deepEqual(otherValues, [], 'values that differ');
  },
);
