import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../../../../testkit/run-component.ts';
import { testCollectors } from '../../../../testkit/collector-cases.ts';
import { prometheusExporterUnix } from '../../prometheus.exporter.unix.ts';
import { addressScope } from './netdev/address-scope.ts';
import { v2Operations, v3Operations, v4ClientOperations } from './nfs/operations.ts';

const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         cc:aa:dd:ee:aa:bb     *        eth0
192.168.1.2      0x1         0x2         bb:cc:dd:ee:ff:aa     *        eth0
192.168.1.9      0x1         0x2         aa:bb:cc:dd:ee:ff     *        nope
`;
const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
    lo: 437 20 0 0 0 0 0 0 437 20 0 0 0 0 0 0
`;
const ipvsStats = `   Total Incoming Outgoing         Incoming         Outgoing
   Conns  Packets  Packets            Bytes            Bytes
 16AA370 E33656E5        0     51D8C8883AB3        0
`;
const ipvsTable = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A80016:0CEA wlc
  -> C0A85216:0CEA      Tunnel  100    248        2
  -> C0A85318:0CEA      Tunnel  100    12         3
FWM  10001000 wlc
  -> [2620:0000:0000:0000:0000:0000:0000:0001]:0050 Route 0 3 4
`;
const device = (file: string): string => `sys/class/net/eth0/${file}`;
const port = 'sys/class/infiniband/mlx4_0/ports/1';

/** One after the other from 1, or zero where there are fewer. */
const numbered = (proto: string, names: readonly string[], have: number, metric = 'nfs_requests_total'): string[] =>
  names.map((method, index) => `${metric}{method="${method}",proto="${proto}"} ${index < have ? index + 1 : 0}`);
const upTo = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(' ');

testCollectors(prometheusExporterUnix, [
  {
    title: 'neighbours are counted by device, without those that are excluded',
    collector: 'arp',
    config: 'arp {\n device_exclude = "nope"\n}',
    files: { 'proc/net/arp': arp },
    samples: ['arp_entries{device="eth0"} 2'],
  },
  {
    title: 'devices whose link is up are active, whatever the kernel calls them',
    collector: 'bonding',
    files: {
      'sys/class/net/bonding_masters': 'bond0 int\n',
      'sys/class/net/bond0/bonding/slaves': '\n',
      'sys/class/net/int/bonding/slaves': 'eth5 eth1\n',
      'sys/class/net/int/lower_eth5/bonding_slave/mii_status': 'down\n',
      'sys/class/net/int/slave_eth1/bonding_slave/mii_status': 'up\n',
    },
    samples: [
      'bonding_slaves{master="bond0"} 0',
      'bonding_active{master="bond0"} 0',
      'bonding_slaves{master="int"} 2',
      'bonding_active{master="int"} 1',
    ],
  },
  {
    title: 'the hexadecimal numbers of all CPUs are added up',
    collector: 'conntrack',
    files: {
      'proc/sys/net/netfilter/nf_conntrack_count': '123\n',
      'proc/sys/net/netfilter/nf_conntrack_max': '65536\n',
      'proc/net/stat/nf_conntrack': `entries searched found new invalid ignore delete delete_list insert insert_failed drop early_drop icmp_error expect_new expect_create expect_delete search_restart
00000021 0 0000000a 0 00000003 00005755 0 0 0 0 0 0 0 0 0 0 00000002
00000021 0 00000001 0 00000001 0 0 0 0 0 0 0 0 0 0 0 00000001
`,
    },
    samples: [
      'nf_conntrack_entries 123',
      'nf_conntrack_entries_limit 65536',
      'nf_conntrack_stat_found 11',
      'nf_conntrack_stat_invalid 4',
      'nf_conntrack_stat_ignore 22357',
      'nf_conntrack_stat_insert 0',
      'nf_conntrack_stat_insert_failed 0',
      'nf_conntrack_stat_drop 0',
      'nf_conntrack_stat_early_drop 0',
      'nf_conntrack_stat_search_restart 3',
    ],
  },
  { title: 'without the module there is no data', collector: 'conntrack', files: {}, samples: [], isSuccess: false },
  {
    title: 'words become bytes, and a counter that is not there is left out',
    collector: 'infiniband',
    files: {
      'sys/class/infiniband/mlx4_0/board_id': 'SM_1\n',
      'sys/class/infiniband/mlx4_0/fw_ver': '2.31\n',
      'sys/class/infiniband/mlx4_0/hca_type': 'MT4099\n',
      [`${port}/state`]: '4: ACTIVE\n',
      [`${port}/phys_state`]: '5: LinkUp\n',
      [`${port}/rate`]: '40 Gb/sec (4X QDR)\n',
      [`${port}/counters/port_rcv_data`]: '100\n',
      [`${port}/counters/VL15_dropped`]: 'N/A (no PMA)\n',
      [`${port}/counters_ext/port_rcv_packets_64`]: '7\n',
    },
    samples: [
      'infiniband_info{board_id="SM_1",device="mlx4_0",firmware_version="2.31",hca_type="MT4099"} 1',
      'infiniband_state_id{device="mlx4_0",port="1"} 4',
      'infiniband_physical_state_id{device="mlx4_0",port="1"} 5',
      'infiniband_rate_bytes_per_second{device="mlx4_0",port="1"} 5e+09',
      'infiniband_port_data_received_bytes_total{device="mlx4_0",port="1"} 400',
      'infiniband_legacy_packets_received_total{device="mlx4_0",port="1"} 7',
    ],
  },
  {
    title: 'backends that the labels do not tell apart are added up',
    collector: 'ipvs',
    config: 'ipvs {\n backend_labels = ["local_address", "local_port", "local_mark"]\n}',
    files: { 'proc/net/ip_vs_stats': ipvsStats, 'proc/net/ip_vs': ipvsTable },
    samples: [
      'ipvs_connections_total 2.3765872e+07',
      'ipvs_incoming_packets_total 3.811989221e+09',
      'ipvs_outgoing_packets_total 0',
      'ipvs_incoming_bytes_total 8.9991519156915e+13',
      'ipvs_outgoing_bytes_total 0',
      ...(
        [
          ['local_address="192.168.0.22",local_mark="",local_port="3306"', 260, 5, 200],
          ['local_address="",local_mark="10001000",local_port="0"', 3, 4, 0],
        ] as const
      ).flatMap(([labels, active, inactive, weight]) => [
        `ipvs_backend_connections_active{${labels}} ${active}`,
        `ipvs_backend_connections_inactive{${labels}} ${inactive}`,
        `ipvs_backend_weight{${labels}} ${weight}`,
      ]),
    ],
  },
  {
    title: 'all labels tell each backend apart',
    collector: 'ipvs',
    files: {
      'proc/net/ip_vs_stats': ipvsStats,
      'proc/net/ip_vs': `${ipvsTable.split('FWM')[0]}`.replace(/.*C0A85318.*\n/, ''),
    },
    samples: [
      'ipvs_connections_total 2.3765872e+07',
      'ipvs_incoming_packets_total 3.811989221e+09',
      'ipvs_outgoing_packets_total 0',
      'ipvs_incoming_bytes_total 8.9991519156915e+13',
      'ipvs_outgoing_bytes_total 0',
      ...['connections_active 248', 'connections_inactive 2', 'weight 100'].map((sample) =>
        sample
          .replace(/^/, 'ipvs_backend_')
          .replace(
            ' ',
            '{local_address="192.168.0.22",local_mark="",local_port="3306",proto="TCP",remote_address="192.168.82.22",remote_port="3306"} ',
          ),
      ),
    ],
  },
  {
    title: 'attributes of a device become its metrics, and what cannot be read is left out',
    collector: 'netclass',
    files: {
      [device('operstate')]: 'up\n',
      [device('address')]: '01:02\n',
      [device('broadcast')]: 'ff:ff\n',
      [device('duplex')]: 'full\n',
      [device('ifalias')]: '\n',
      [device('flags')]: '0x1003\n',
      [device('mtu')]: '1500\n',
      [device('speed')]: '1000\n',
      [device('carrier_changes')]: '2\n',
      [device('carrier_up_count')]: '1\n',
      [device('netdev_group')]: '0\n',
      'sys/class/net/bonding_masters': '\n',
    },
    samples: [
      'network_up{device="eth0"} 1',
      'network_info{address="01:02",adminstate="up",broadcast="ff:ff",device="eth0",duplex="full",ifalias="",operstate="up"} 1',
      'network_flags{device="eth0"} 4099',
      'network_mtu_bytes{device="eth0"} 1500',
      'network_speed_bytes{device="eth0"} 1.25e+08',
      'network_carrier_changes_total{device="eth0"} 2',
      'network_carrier_up_changes_total{device="eth0"} 1',
      'network_net_dev_group{device="eth0"} 0',
    ],
  },
  ...[false, true].map((isIgnored) => ({
    title: `a negative speed is ${isIgnored ? 'left out if that is wanted' : 'told as it is'}`,
    collector: 'netclass',
    config: `netclass {\n ignore_invalid_speed_device = ${isIgnored}\n ignored_devices = "lo"\n}`,
    files: { [device('speed')]: '-1\n', 'sys/class/net/lo/mtu': '65536\n' },
    samples: [
      'network_up{device="eth0"} 0',
      'network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate=""} 1',
      ...(isIgnored ? [] : ['network_speed_bytes{device="eth0"} -125000']),
    ],
  })),
  {
    title: 'columns are told by their names, also without a blank after the device',
    collector: 'netdev',
    config: 'netdev {\n device_exclude = "^lo$"\n}',
    files: { 'proc/net/dev': netDev },
    samples: [
      ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'].map(
        (name, index) => `network_receive_${name}_total{device="eth0"} ${index + 1}`,
      ),
      ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'].map(
        (name, index) => `network_transmit_${name}_total{device="eth0"} ${index + 9}`,
      ),
    ],
  },
  {
    title: 'fields are told by protocol if the pattern takes them',
    collector: 'netstat',
    files: {
      'proc/net/netstat': 'TcpExt: SyncookiesSent EmbryonicRsts\nTcpExt: 5 7\n',
      'proc/net/snmp': 'Udp: InDatagrams NoPorts\nUdp: 88 3\n',
      'proc/net/snmp6': 'Udp6InDatagrams                 \t5\nIp6InReceives 9\n',
    },
    samples: [
      'netstat_TcpExt_SyncookiesSent 5',
      'netstat_Udp_InDatagrams 88',
      'netstat_Udp_NoPorts 3',
      'netstat_Udp6_InDatagrams 5',
    ],
  },
  {
    title: 'values without names fail',
    collector: 'netstat',
    files: { 'proc/net/netstat': 'TcpExt: A B\nTcpExt: 5\n', 'proc/net/snmp': '' },
    samples: [],
    isSuccess: false,
  },
  {
    title: 'operations are told by their place, and missing ones are 0',
    collector: 'nfs',
    files: {
      'proc/net/rpc/nfs': `net 70 1 69 45\nrpc 1218785755 374636 1218815394\nproc2 18 ${upTo(18)}\nproc3 22 ${upTo(22)}\nproc4 48 ${upTo(48)}\n`,
    },
    samples: [
      'nfs_packets_total{protocol="udp"} 1',
      'nfs_packets_total{protocol="tcp"} 69',
      'nfs_connections_total 45',
      'nfs_rpcs_total 1.218785755e+09',
      'nfs_rpc_retransmissions_total 374636',
      'nfs_rpc_authentication_refreshes_total 1.218815394e+09',
      ...numbered('2', v2Operations, 18),
      ...numbered('3', v3Operations, 22),
      ...numbered('4', v4ClientOperations, 48),
    ],
  },
  {
    title: 'the first operations do nothing, and those of version 4 have the numbers of the protocol',
    collector: 'nfsd',
    files: {
      'proc/net/rpc/nfsd': `rc 0 6 18622
fh 0 0 0 0 0
io 157286400 72864
th 8 0 0.000 0.000
ra 32 0 0 0 0 0 0 0 0 0 0 5
net 18628 1 18627 6
rpc 18628 9 1 2 3
proc3 22 ${upTo(22)}
proc4 2 2 10853
proc4ops 5 0 0 0 1098 2
wdeleg_getattr 15
`,
    },
    samples: [
      'nfsd_reply_cache_hits_total 0',
      'nfsd_reply_cache_misses_total 6',
      'nfsd_reply_cache_nocache_total 18622',
      'nfsd_file_handles_stale_total 0',
      'nfsd_disk_bytes_read_total 1.572864e+08',
      'nfsd_disk_bytes_written_total 72864',
      'nfsd_server_threads 8',
      'nfsd_read_ahead_cache_size_blocks 32',
      'nfsd_read_ahead_cache_not_found_total 5',
      'nfsd_packets_total{proto="udp"} 1',
      'nfsd_packets_total{proto="tcp"} 18627',
      'nfsd_connections_total 6',
      'nfsd_server_rpcs_total 18628',
      'nfsd_rpc_errors_total{error="fmt"} 1',
      'nfsd_rpc_errors_total{error="auth"} 2',
      'nfsd_rpc_errors_total{error="cInt"} 3',
      ...numbered('3', v3Operations, 22, 'nfsd_requests_total').slice(1),
      'nfsd_requests_total{method="Access",proto="4"} 1098',
      'nfsd_requests_total{method="Close",proto="4"} 2',
      ...(
        'Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify Open OpenAttr ' +
        'OpenConfirm OpenDgrd PutFH Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr ' +
        'SetClientID SetClientIDConfirm Verify Write RelLockOwner'
      )
        .split(' ')
        .map((method) => `nfsd_requests_total{method="${method}",proto="4"} 0`),
      'nfsd_requests_total{method="WdelegGetattr",proto="4"} 15',
    ],
  },
  {
    title: 'pages become bytes',
    collector: 'sockstat',
    files: {
      'proc/net/sockstat': 'sockets: used 229\nTCP: inuse 4 orphan 0 tw 1 alloc 6 mem 2\nFRAG: inuse 0 memory 0\n',
      'proc/net/sockstat6': 'TCP6: inuse 17\n',
    },
    samples: [
      'sockstat_sockets_used 229',
      'sockstat_TCP_inuse 4',
      'sockstat_TCP_orphan 0',
      'sockstat_TCP_tw 1',
      'sockstat_TCP_alloc 6',
      'sockstat_TCP_mem 2',
      'sockstat_TCP_mem_bytes 8192',
      'sockstat_FRAG_inuse 0',
      'sockstat_FRAG_memory 0',
      'sockstat_TCP6_inuse 17',
    ],
  },
  {
    title: 'the queues of all sockets are added up, for each version that is there',
    collector: 'udp_queues',
    files: {
      'proc/net/udp': `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000015:00000000 00:00000000 00000000     0        0 2740 1
   1: 00000000:0016 00000000:0000 0A 00000001:00000002 00:00000000 00000000     0        0 2740 1
`,
    },
    samples: ['udp_queues{ip="v4",queue="tx"} 22', 'udp_queues{ip="v4",queue="rx"} 2'],
  },
  { title: 'without UDP there is no data', collector: 'udp_queues', files: {}, samples: [], isSuccess: false },
]);

test('an address is of use on a link, on an interface or everywhere', () => {
  const scopes = ['127.0.0.1', '::1', 'fe80::1', '224.0.0.5', '169.254.1.1', 'ff01::1', '10.0.0.1', '2001:db8::1'].map(
    addressScope,
  );
  const local = Array.from({ length: 5 }, () => 'link-local');
  assert.deepEqual(scopes, [...local, 'interface-local', 'global', 'global']);
});

test('wrong arguments of collectors are found without running them', () => {
  assert.deepEqual(problemsOf(prometheusExporterUnix, 'netdev {\n device_exclude = "a"\n device_include = "b"\n}'), [
    'test.alloy:1:1: device_exclude and device_include must not both be configured',
  ]);
  assert.match(
    problemsOf(prometheusExporterUnix, 'ipvs {\n backend_labels = ["port"]\n}').join(''),
    /has "port", want some of/,
  );
  assert.match(problemsOf(prometheusExporterUnix, 'netstat {\n fields = "("\n}').join(''), /is not valid/);
});
