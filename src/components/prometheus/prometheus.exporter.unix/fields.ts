import { compileGoRegexp, type GoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { bool, duration, integer, list, regexp, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf, Attribute } from '../../../schema/field.ts';
import { stringType } from '../../../schema/types.ts';
import { backendLabels } from './collectors/ipvs/backends.ts';

function pattern(doc: string, fallback = ''): Attribute<GoRegexp> {
  const compiled = compileGoRegexp(fallback);
  if (compiled instanceof ParseError) throw new TypeError(compiled.message);
  return regexp(doc).default(compiled);
}

function flag(doc: string): Attribute<boolean> {
  return bool(doc).default(false);
}

function strings(doc: string, fallback: readonly string[] = []): Attribute<readonly string[]> {
  return list(doc, stringType).default(fallback);
}

const deviceFilter = {
  device_exclude: pattern('Devices to leave out.'),
  device_include: pattern('The only devices to take.'),
};

const unsupported = 'Settings of a collector that is not supported yet; they have no effect.';

/** The arguments of `prometheus.exporter.unix`. */
export const unixFields = {
  disable_collectors: strings('Collectors not to run.'),
  enable_collectors: strings('Collectors to run as well, also if they are named in `disable_collectors`.'),
  set_collectors: strings('If not empty, the only collectors to run besides those in `enable_collectors`.'),
  include_exporter_metrics: flag('Tell how many requests for metrics were answered, too.'),
  procfs_path: string('Where the procfs of the host is.').default('/proc'),
  rootfs_path: string('Where the root of the host is. Mount points are told without it.').default('/'),
  sysfs_path: string('Where the sysfs of the host is.').default('/sys'),
  udev_data_path: string('Where udev keeps what it knows of devices.').default('/run/udev/data'),

  arp: block('The collector `arp`.', {
    ...deviceFilter,
    netlink: flag('Has no effect: neighbours are read from procfs.'),
  }).defaults(),
  bcache: block('The collector `bcache`.', {
    priority_stats: flag('Read priority statistics too, which is expensive.'),
  }).defaults(),
  cpu: block('The collector `cpu`.', {
    bugs_include: pattern('The bugs in the information on CPUs to tell; needs no `info`.'),
    flags_include: pattern('The flags in the information on CPUs to tell; needs no `info`.'),
    guest: flag('Tell the time spent for guests.'),
    info: flag('Tell what CPUs there are.'),
  }).defaults(),
  disk: block('The collector `diskstats`.', {
    device_exclude: pattern(
      'Devices to leave out. It does not count if there is a `device_include`.',
      String.raw`^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$`,
    ),
    device_include: pattern('The only devices to take.'),
  }).defaults(),
  ethtool: block(unsupported, {
    ...deviceFilter,
    metrics_include: pattern('The metrics to take.', '.*'),
  }).defaults(),
  filesystem: block('The collector `filesystem`.', {
    fs_types_exclude: pattern(
      'Types of filesystems to leave out.',
      '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$',
    ),
    mount_points_exclude: pattern(
      'Mount points to leave out.',
      '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)',
    ),
    mount_timeout: duration('How long a filesystem may take to answer before it counts as stuck.').default(5000),
  }).defaults(),
  hwmon: block('The collector `hwmon`.', {
    chip_exclude: pattern('Chips to leave out.'),
    chip_include: pattern('The only chips to take.'),
  }).defaults(),
  ipvs: block('The collector `ipvs`.', {
    backend_labels: strings(
      'The labels by which backends are told apart; those alike are added up.',
      backendLabels,
    ).check((labels) => {
      const unknown = labels.find((label) => !backendLabels.includes(label));
      if (unknown === undefined) return undefined;
      return `has ${JSON.stringify(unknown)}, want some of ${backendLabels.join(', ')}`;
    }),
  }).defaults(),
  netclass: block('The collector `netclass`.', {
    ignore_invalid_speed_device: flag('Leave out the speed of devices that say it is negative.'),
    ignored_devices: pattern('Devices to leave out.', '^$'),
  }).defaults(),
  netdev: block('The collector `netdev`.', {
    ...deviceFilter,
    address_info: flag('Tell the addresses of devices.'),
  })
    .check(({ device_exclude: exclude, device_include: include }) =>
      exclude.source !== '' && include.source !== ''
        ? 'device_exclude and device_include must not both be configured'
        : undefined,
    )
    .defaults(),
  netstat: block('The collector `netstat`.', {
    fields: pattern(
      'The fields to take.',
      '^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$',
    ),
  }).defaults(),
  ntp: block(unsupported, {
    ip_ttl: integer('The time to live of packets.').default(1),
    local_offset_tolerance: duration('The offset that counts as none.').default(1),
    max_distance: duration('The largest distance to the root.').default(3466.08),
    protocol_version: integer('The version of NTP.').default(4),
    server: string('The server to ask.').default('127.0.0.1'),
    server_is_local: flag('Whether the server is on this machine.'),
  }).defaults(),
  perf: block(unsupported, {
    cpus: string('The CPUs to watch.').default(''),
    tracepoint: strings('Tracepoints to count.'),
    hardware_profilers: strings('Hardware events to count.'),
    software_profilers: strings('Software events to count.'),
    cache_profilers: strings('Cache events to count.'),
    disable_hardware_profilers: flag('Count no hardware events.'),
    disable_software_profilers: flag('Count no software events.'),
    disable_cache_profilers: flag('Count no cache events.'),
  }).defaults(),
  powersupply: block('The collector `powersupplyclass`.', {
    ignored_supplies: pattern('Power supplies to leave out.', '^$'),
  }).defaults(),
  runit: block(unsupported, {
    service_dir: string('Where the services are.').default('/etc/service'),
  }).defaults(),
  supervisord: block(unsupported, {
    url: string('Where supervisord answers.').default('http://localhost:9001/RPC2'),
  }).defaults(),
  sysctl: block(unsupported, {
    include: strings('Numbers to tell.'),
    include_info: strings('Texts to tell.'),
  }).defaults(),
  systemd: block(unsupported, {
    enable_restarts: flag('Count restarts.'),
    start_time: flag('Tell when units were started.'),
    task_metrics: flag('Count tasks.'),
    unit_exclude: pattern('Units to leave out.', String.raw`.+\.(automount|device|mount|scope|slice)`),
    unit_include: pattern('The only units to take.', '.+'),
  }).defaults(),
  tapestats: block('The collector `tapestats`.', {
    ignored_devices: pattern('Devices to leave out.', '^$'),
  }).defaults(),
  textfile: block('The collector `textfile`.', {
    directory: string('The folders with files to expose, as a pattern; only files that end in `.prom` count.').default(
      '',
    ),
  }).defaults(),
  vmstat: block('The collector `vmstat`.', {
    fields: pattern('The fields to take.', '^(oom_kill|pgpg|pswp|pg.*fault).*'),
  }).defaults(),
};

export type UnixArgs = ArgumentsOf<typeof unixFields>;
