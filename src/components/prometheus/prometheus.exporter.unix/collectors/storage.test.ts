import { testCollectors } from '../../../../testkit/collector-cases.ts';
import { prometheusExporterUnix } from '../../prometheus.exporter.unix.ts';

const sda = '   8       0 sda 10 1 80 20 5 2 40 30 0 25 50 3 0 24 6 2 4\n';
const noUdev = (device: string, major: string, minor: string): string =>
  `disk_info{device="${device}",major="${major}",minor="${minor}",model="",path="",revision="",rotational="",serial="",wwn=""} 1`;

const uuid = '0abb23a9-579b-43e6-ad30-227ef47fcb9d';
const btrfs = `sys/fs/btrfs/${uuid}`;
const cacheSet = 'sys/fs/bcache/deaddd54-c735-46d5-868e-f331c5fd7c74';
const inSet = 'uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"';
const xfsRows = `extent_alloc 1 2 3 4
abt 5 6 7 8
blk_map 9 10 11 12 13 14 15
bmbt 16 17 18 19
dir 20 21 22 23
trans 0 1 2
ig 24 25 26 27 28 29 30
rw 31 32
vnodes 33 34 35 36 37 38 39
`;
const xfsNames =
  'extent_allocation_extents_allocated extent_allocation_blocks_allocated extent_allocation_extents_freed ' +
  'extent_allocation_blocks_freed allocation_btree_lookups allocation_btree_compares ' +
  'allocation_btree_records_inserted allocation_btree_records_deleted block_mapping_reads block_mapping_writes ' +
  'block_mapping_unmaps block_mapping_extent_list_insertions block_mapping_extent_list_deletions ' +
  'block_mapping_extent_list_lookups block_mapping_extent_list_compares block_map_btree_lookups ' +
  'block_map_btree_compares block_map_btree_records_inserted block_map_btree_records_deleted ' +
  'directory_operation_lookup directory_operation_create directory_operation_remove directory_operation_getdents ' +
  'inode_operation_attempts inode_operation_found inode_operation_recycled inode_operation_missed ' +
  'inode_operation_duplicates inode_operation_reclaims inode_operation_attribute_changes write_calls read_calls ' +
  'vnode_active vnode_allocate vnode_get vnode_hold vnode_release vnode_reclaim vnode_remove';

testCollectors(prometheusExporterUnix, [
  {
    title: 'sectors become bytes and milliseconds seconds, but discarded sectors stay sectors',
    collector: 'diskstats',
    files: { 'proc/diskstats': `${sda}   7 0 loop0 1 1 1 1 1 1 1 1 1 1 1\n   8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n` },
    samples: [
      noUdev('sda', '8', '0'),
      ...[
        'reads_completed_total 10',
        'reads_merged_total 1',
        'read_bytes_total 40960',
        'read_time_seconds_total 0.02',
        'writes_completed_total 5',
        'writes_merged_total 2',
        'written_bytes_total 20480',
        'write_time_seconds_total 0.03',
        'io_now 0',
        'io_time_seconds_total 0.025',
        'io_time_weighted_seconds_total 0.05',
        'discards_completed_total 3',
        'discards_merged_total 0',
        'discarded_sectors_total 24',
        'discard_time_seconds_total 0.006',
        'flush_requests_total 2',
        'flush_requests_time_seconds_total 0.004',
      ].map((sample) => `disk_${sample.replace(' ', '{device="sda"} ')}`),
    ],
  },
  {
    title: 'an include pattern makes the exclude pattern mean nothing, and an old kernel has fewer columns',
    collector: 'diskstats',
    config: 'disk {\n device_include = "loop"\n}',
    files: { 'proc/diskstats': `${sda}7 0 loop0 1 2 3\n` },
    samples: [
      noUdev('loop0', '7', '0'),
      'disk_reads_completed_total{device="loop0"} 1',
      'disk_reads_merged_total{device="loop0"} 2',
      'disk_read_bytes_total{device="loop0"} 1536',
    ],
  },
  {
    title: 'udev and sysfs tell what a disk is',
    collector: 'diskstats',
    files: {
      'proc/diskstats': '253 0 dm-0\n',
      'sys/block/dm-0/queue/rotational': '1\n',
      'udev/b253:0': `S:disk/by-id/x
E:ID_PATH=pci-0000
E:ID_WWN=0x5
E:ID_MODEL=Best
E:ID_REVISION=1.0
E:ID_SERIAL=long
E:ID_SERIAL_SHORT=short
E:ID_FS_TYPE=ext4
E:ID_FS_USAGE=filesystem
E:ID_FS_UUID=u
E:ID_FS_VERSION=1.0
E:DM_NAME=vg-lv
E:DM_UUID=LVM-1
E:DM_VG_NAME=vg
E:DM_LV_NAME=lv
E:ID_ATA_WRITE_CACHE=1
E:ID_ATA_WRITE_CACHE_ENABLED=0
E:ID_ATA_ROTATION_RATE_RPM=7200
`,
    },
    samples: [
      'disk_info{device="dm-0",major="253",minor="0",model="Best",path="pci-0000",revision="1.0",rotational="1",serial="short",wwn="0x5"} 1',
      'disk_filesystem_info{device="dm-0",type="ext4",usage="filesystem",uuid="u",version="1.0"} 1',
      'disk_device_mapper_info{device="dm-0",lv_layer="",lv_name="lv",name="vg-lv",uuid="LVM-1",vg_name="vg"} 1',
      'disk_ata_write_cache{device="dm-0"} 1',
      'disk_ata_write_cache_enabled{device="dm-0"} 0',
      'disk_ata_rotation_rate_rpm{device="dm-0"} 7200',
    ],
  },
  {
    title: 'disks are counted by state, and a resync tells how far it is',
    collector: 'mdadm',
    files: {
      'proc/mdstat': `Personalities : [raid1] [raid0]
md1 : active raid1 sdb1[1] sda1[0](F)
      1000 blocks [2/1] [_U]
      [=======>.............]  resync = 40.0% (400/1000) finish=0.3min speed=1K/sec

md2 : active raid0 sdc1[1] sdd1[0]
      2000 blocks 64k chunks

md3 : inactive sde1[0](S)
      3000 blocks

unused devices: <none>
`,
      'sys/block/md1/md/raid_disks': '2\n',
      'sys/block/md1/md/degraded': '1\n',
    },
    samples: [
      ...(
        [
          ['md1', 1, 1, 0, 2, 1000, 400, 'resync'],
          ['md2', 2, 0, 0, 2, 2000, 2000, 'active'],
          ['md3', 0, 0, 1, 0, 3000, 3000, 'inactive'],
        ] as const
      ).flatMap(([device, active, failed, spare, required, blocks, synced, state]) => [
        `md_disks{device="${device}",state="active"} ${active}`,
        `md_disks{device="${device}",state="failed"} ${failed}`,
        `md_disks{device="${device}",state="spare"} ${spare}`,
        `md_disks_required{device="${device}"} ${required}`,
        `md_blocks{device="${device}"} ${blocks}`,
        `md_blocks_synced{device="${device}"} ${synced}`,
        ...['active', 'inactive', 'recovering', 'resync', 'check'].map(
          (one) => `md_state{device="${device}",state="${one}"} ${one === state ? 1 : 0}`,
        ),
      ]),
      'md_raid_disks{device="md1"} 2',
      'md_degraded{device="md1"} 1',
    ],
  },
  {
    title: 'space is told by group and profile, commits in seconds, and devices in bytes',
    collector: 'btrfs',
    files: {
      [`${btrfs}/label`]: 'fixture\n',
      [`${btrfs}/allocation/global_rsv_size`]: '16777216\n',
      [`${btrfs}/allocation/data/bytes_reserved`]: '5\n',
      [`${btrfs}/allocation/data/raid5/used_bytes`]: '10\n',
      [`${btrfs}/allocation/data/raid5/total_bytes`]: '20\n',
      [`${btrfs}/devices/loop1/size`]: '2\n',
      [`${btrfs}/devices/loop2/size`]: '4\n',
      [`${btrfs}/devices/loop3/size`]: '4\n',
      [`${btrfs}/commit_stats`]: 'commits 10\nlast_commit_ms 2000\nmax_commit_ms 51462\ntotal_commit_ms 47836090\n',
      'sys/fs/btrfs/features/raid56': '0\n',
    },
    samples: [
      `btrfs_info{label="fixture",uuid="${uuid}"} 1`,
      `btrfs_global_rsv_size_bytes{uuid="${uuid}"} 1.6777216e+07`,
      `btrfs_reserved_bytes{block_group_type="data",uuid="${uuid}"} 5`,
      `btrfs_used_bytes{block_group_type="data",mode="raid5",uuid="${uuid}"} 10`,
      `btrfs_size_bytes{block_group_type="data",mode="raid5",uuid="${uuid}"} 20`,
      `btrfs_allocation_ratio{block_group_type="data",mode="raid5",uuid="${uuid}"} 1.5`,
      `btrfs_device_size_bytes{device="loop1",uuid="${uuid}"} 1024`,
      `btrfs_device_size_bytes{device="loop2",uuid="${uuid}"} 2048`,
      `btrfs_device_size_bytes{device="loop3",uuid="${uuid}"} 2048`,
      `btrfs_commits_total{uuid="${uuid}"} 10`,
      `btrfs_last_commit_seconds{uuid="${uuid}"} 2`,
      `btrfs_max_commit_seconds{uuid="${uuid}"} 51.462`,
      `btrfs_commit_seconds_total{uuid="${uuid}"} 47836.09`,
    ],
  },
  {
    title: 'numbers for people are read, missing ones are 0, and priorities are read if that is wanted',
    collector: 'bcache',
    config: 'bcache {\n priority_stats = true\n}',
    files: {
      [`${cacheSet}/cache_available_percent`]: '100\n',
      [`${cacheSet}/internal/btree_read_average_duration_us`]: '1305\n',
      [`${cacheSet}/bdev0/dirty_data`]: '1.5k\n',
      [`${cacheSet}/bdev0/stats_total/cache_readaheads`]: '13\n',
      [`${cacheSet}/bdev0/writeback_rate_debug`]:
        'rate:\t\t1.1M/sec\ndirty:\t\t20.4G\ntarget:\t\t20.4G\nproportional:\t427.5k\nintegral:\t790.0k\nchange:\t\t321.5k/sec\nnext io:\t17ms\n',
      [`${cacheSet}/cache0/written`]: '0\n',
      [`${cacheSet}/cache0/priority_stats`]: 'Unused:\t\t99%\nMetadata:\t0%\nAverage:\t10473\n',
    },
    samples: [
      ...[
        'average_key_size_sectors 0',
        'btree_cache_size_bytes 0',
        'cache_available_percent 100',
        'congested 0',
        'root_usage_percent 0',
        'tree_depth 0',
        'active_journal_entries 0',
        'btree_nodes 0',
        'cache_read_races_total 0',
        'btree_read_average_duration_seconds 1.305e-06',
      ].map((sample) => `bcache_${sample.replace(' ', `{${inSet}} `)}`),
      ...[
        'dirty_data_bytes 1524',
        'bypassed_bytes_total 0',
        'cache_hits_total 0',
        'cache_misses_total 0',
        'cache_bypass_hits_total 0',
        'cache_bypass_misses_total 0',
        'cache_miss_collisions_total 0',
        'cache_readaheads_total 13',
        'writeback_rate 1.150976e+06',
        'dirty_target_bytes 2.189426688e+10',
        'writeback_rate_proportional_term 437748',
        'writeback_rate_integral_term 808960',
        'writeback_change 329204',
      ].map((sample) => `bcache_${sample.replace(' ', `{backing_device="bdev0",${inSet}} `)}`),
      ...[
        'io_errors 0',
        'metadata_written_bytes_total 0',
        'written_bytes_total 0',
        'priority_stats_unused_percent 99',
        'priority_stats_metadata_percent 0',
      ].map((sample) => `bcache_${sample.replace(' ', `{cache_device="cache0",${inSet}} `)}`),
    ],
  },
  {
    title: 'a controller without some attributes has empty labels for them',
    collector: 'nvme',
    files: { 'sys/class/nvme/nvme0/model': 'Fast \n', 'sys/class/nvme/nvme0/state': 'live\n' },
    samples: ['nvme_info{cntlid="",device="nvme0",firmware_revision="",model="Fast",serial="",state="live"} 1'],
  },
  { title: 'without the class there is no data', collector: 'nvme', files: {}, samples: [], isSuccess: false },
  {
    title: 'of the names of one drive only the plain one counts',
    collector: 'tapestats',
    config: 'tapestats {\n ignored_devices = "st9"\n}',
    files: {
      'sys/class/scsi_tape/st0/stats/in_flight': '1\n',
      'sys/class/scsi_tape/st0/stats/io_ns': '9247011087720\n',
      'sys/class/scsi_tape/st0/stats/read_byte_cnt': '979383912\n',
      'sys/class/scsi_tape/nst0/stats/in_flight': '1\n',
      'sys/class/scsi_tape/st9/stats/in_flight': '1\n',
    },
    samples: [
      'tape_io_now{device="st0"} 1',
      'tape_io_time_seconds_total{device="st0"} 9247.01108772',
      'tape_read_bytes_total{device="st0"} 9.79383912e+08',
    ],
  },
  {
    title: 'rows are told by their columns',
    collector: 'xfs',
    files: { 'sys/fs/xfs/sda1/stats/stats': xfsRows },
    samples: xfsNames.split(' ').map((name, index) => `xfs_${name}_total{device="sda1"} ${index + 1}`),
  },
  {
    title: 'only integers are told, and pools have a state',
    collector: 'zfs',
    files: {
      'proc/spl/kstat/zfs/arcstats':
        '6 1 0x01 91 4368 1 2\nname type data\nhits 4 8772612\nsome-counter 4 77\ntext 7 x\n',
      'proc/spl/kstat/zfs/pool1/io': '12 3 0x00 1 80 79 88\nnread nwritten reads\n1884160 3206144 22\n',
      'proc/spl/kstat/zfs/pool1/objset-1':
        '23 1 0x01 7 2160 5 8\nname type data\ndataset_name 7 pool1/data set\nwrites 4 4\n',
      'proc/spl/kstat/zfs/pool1/state': 'ONLINE\n',
    },
    samples: [
      'zfs_arc_hits 8.772612e+06',
      'zfs_arc_some_counter 77',
      'zfs_zpool_nread{zpool="pool1"} 1.88416e+06',
      'zfs_zpool_nwritten{zpool="pool1"} 3.206144e+06',
      'zfs_zpool_reads{zpool="pool1"} 22',
      'zfs_zpool_dataset_writes{dataset="pool1/data set",zpool="pool1"} 4',
      ...['online', 'degraded', 'faulted', 'offline', 'removed', 'unavail', 'suspended'].map(
        (state) => `zfs_zpool_state{state="${state}",zpool="pool1"} ${state === 'online' ? 1 : 0}`,
      ),
    ],
  },
  {
    title: 'the number in a name is the index; other names are numbered as they come',
    collector: 'rapl',
    files: {
      'sys/class/powercap/intel-rapl/enabled': '1\n',
      'sys/class/powercap/intel-rapl:0/name': 'package-0\n',
      'sys/class/powercap/intel-rapl:0/energy_uj': '240422366267\n',
      'sys/class/powercap/intel-rapl:0:0/name': 'core\n',
      'sys/class/powercap/intel-rapl:0:0/energy_uj': '118821284256\n',
      'sys/class/powercap/intel-rapl:1:0/name': 'core\n',
      'sys/class/powercap/intel-rapl:1:0/energy_uj': '1000000\n',
    },
    samples: [
      'rapl_package_joules_total{index="0",path="@/sys/class/powercap/intel-rapl:0"} 240422.366267',
      'rapl_core_joules_total{index="0",path="@/sys/class/powercap/intel-rapl:0:0"} 118821.284256',
      'rapl_core_joules_total{index="1",path="@/sys/class/powercap/intel-rapl:1:0"} 1',
    ],
  },
  {
    title: 'statistics are hexadecimal, and those with all bits set are not supported',
    collector: 'fibrechannel',
    files: {
      'sys/class/fc_host/host0/speed': '16 Gbit\n',
      'sys/class/fc_host/host0/port_id': '0x000002\n',
      'sys/class/fc_host/host0/statistics/rx_frames': '0x3\n',
      'sys/class/fc_host/host0/statistics/nos_count': '0x12\n',
      'sys/class/fc_host/host0/statistics/tx_words': '0xffffffffffffffff\n',
    },
    samples: [
      'fibrechannel_info{dev_loss_tmo="",fabric_name="",fc_host="host0",port_id="000002",port_name="",port_state="",port_type="",speed="16 Gbit",supported_classes="",supported_speeds="",symbolic_name=""} 1',
      'fibrechannel_nos_total{fc_host="host0"} 18',
      'fibrechannel_rx_frames_total{fc_host="host0"} 3',
    ],
  },
]);
