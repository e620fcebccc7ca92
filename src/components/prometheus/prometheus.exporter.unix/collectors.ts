import type { Collector } from './collector.ts';
import { arp } from './collectors/arp.ts';
import { bcache } from './collectors/bcache.ts';
import { bonding } from './collectors/bonding.ts';
import { btrfs } from './collectors/btrfs.ts';
import { conntrack } from './collectors/conntrack.ts';
import { cpu } from './collectors/cpu.ts';
import { cpufreq } from './collectors/cpufreq.ts';
import { diskstats } from './collectors/diskstats.ts';
import { dmi } from './collectors/dmi.ts';
import { edac } from './collectors/edac.ts';
import { entropy } from './collectors/entropy.ts';
import { fibrechannel } from './collectors/fibrechannel.ts';
import { filefd } from './collectors/filefd.ts';
import { filesystem } from './collectors/filesystem.ts';
import { hwmon } from './collectors/hwmon.ts';
import { infiniband } from './collectors/infiniband.ts';
import { ipvs } from './collectors/ipvs.ts';
import { loadavg } from './collectors/loadavg.ts';
import { mdadm } from './collectors/mdadm.ts';
import { meminfo } from './collectors/meminfo.ts';
import { netclass } from './collectors/netclass.ts';
import { netdev } from './collectors/netdev.ts';
import { netstat } from './collectors/netstat.ts';
import { nfs } from './collectors/nfs.ts';
import { nfsd } from './collectors/nfsd.ts';
import { nvme } from './collectors/nvme.ts';
import { os } from './collectors/os.ts';
import { powersupplyclass } from './collectors/powersupplyclass.ts';
import { pressure } from './collectors/pressure.ts';
import { rapl } from './collectors/rapl.ts';
import { schedstat } from './collectors/schedstat.ts';
import { selinux } from './collectors/selinux.ts';
import { sockstat } from './collectors/sockstat.ts';
import { softnet } from './collectors/softnet.ts';
import { stat } from './collectors/stat.ts';
import { tapestats } from './collectors/tapestats.ts';
import { textfile } from './collectors/textfile.ts';
import { thermalZone } from './collectors/thermal_zone.ts';
import { time } from './collectors/time.ts';
import { timex } from './collectors/timex.ts';
import { udpQueues } from './collectors/udp_queues.ts';
import { uname } from './collectors/uname.ts';
import { vmstat } from './collectors/vmstat.ts';
import { watchdog } from './collectors/watchdog.ts';
import { xfs } from './collectors/xfs.ts';
import { zfs } from './collectors/zfs.ts';

/** Every collector there is, sorted by name. All of them run unless they are switched off. */
export const collectors: readonly Collector[] = [
  arp,
  bcache,
  bonding,
  btrfs,
  conntrack,
  cpu,
  cpufreq,
  diskstats,
  dmi,
  edac,
  entropy,
  fibrechannel,
  filefd,
  filesystem,
  hwmon,
  infiniband,
  ipvs,
  loadavg,
  mdadm,
  meminfo,
  netclass,
  netdev,
  netstat,
  nfs,
  nfsd,
  nvme,
  os,
  powersupplyclass,
  pressure,
  rapl,
  schedstat,
  selinux,
  sockstat,
  softnet,
  stat,
  tapestats,
  textfile,
  thermalZone,
  time,
  timex,
  udpQueues,
  uname,
  vmstat,
  watchdog,
  xfs,
  zfs,
];

/** Collectors that Alloy has as well, where they are switched off unless they are asked for. */
export const unsupportedCollectors: readonly string[] = [
  'buddyinfo',
  'cgroups',
  'cpu_vulnerabilities',
  'drbd',
  'drm',
  'ethtool',
  'interrupts',
  'ksmd',
  'lnstat',
  'logind',
  'meminfo_numa',
  'mountstats',
  'network_route',
  'ntp',
  'pcidevice',
  'perf',
  'processes',
  'qdisc',
  'runit',
  'slabinfo',
  'softirqs',
  'supervisord',
  'swap',
  'sysctl',
  'systemd',
  'tcpstat',
  'wifi',
  'xfrm',
  'zoneinfo',
];
