import { test } from 'node:test';
import assert from 'node:assert/strict';
import { testCollectors } from '../../../../testkit/collector-cases.ts';
import { hostArguments, hostTree, openExporter, samplesIn } from '../../../../testkit/host-tree.ts';
import { prometheusExporterUnix } from '../../prometheus.exporter.unix.ts';
import { writeFile } from 'node:fs/promises';
import { listedCpus } from './cpu/topology.ts';

const cpuSeconds = [
  'cpu_seconds_total{cpu="3",mode="idle"} 90',
  'cpu_seconds_total{cpu="3",mode="iowait"} 0.4',
  'cpu_seconds_total{cpu="3",mode="irq"} 0.05',
  'cpu_seconds_total{cpu="3",mode="nice"} 0.2',
  'cpu_seconds_total{cpu="3",mode="softirq"} 0.06',
  'cpu_seconds_total{cpu="3",mode="steal"} 0.07',
  'cpu_seconds_total{cpu="3",mode="system"} 3',
  'cpu_seconds_total{cpu="3",mode="user"} 5',
];
const cpuLine = 'cpu3 500 20 300 9000 40 5 6 7 8 9\n';
const cpuinfo = `processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 142
model name	: A CPU @ 1.90GHz
stepping	: 10
microcode	: 0xb4
cpu MHz		: 799.998
cache size	: 8192 KB
physical id	: 0
core id		: 2
flags		: fpu aes avx avx2
bugs		: mds spectre_v1 other

processor	: 1
flags		: fpu sse
bugs		: none

`;

testCollectors(prometheusExporterUnix, [
  {
    title: 'ticks become seconds, and the time of guests is told only if it is wanted',
    collector: 'cpu',
    files: { 'proc/stat': `cpu 1 2 3\n${cpuLine}intr 1 2\n` },
    samples: cpuSeconds,
  },
  {
    title: 'the time of guests is a metric of its own, and modes that a kernel does not have are zero',
    collector: 'cpu',
    config: 'cpu {\n guest = true\n}',
    files: { 'proc/stat': `${cpuLine}cpu4 100\n` },
    samples: [
      ...cpuSeconds,
      'cpu_guest_seconds_total{cpu="3",mode="nice"} 0.09',
      'cpu_guest_seconds_total{cpu="3",mode="user"} 0.08',
      'cpu_guest_seconds_total{cpu="4",mode="nice"} 0',
      'cpu_guest_seconds_total{cpu="4",mode="user"} 0',
      ...['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system'].map(
        (mode) => `cpu_seconds_total{cpu="4",mode="${mode}"} 0`,
      ),
      'cpu_seconds_total{cpu="4",mode="user"} 1',
    ],
  },
  {
    title: 'the information on CPUs is complete, and the patterns choose flags and bugs of the first',
    collector: 'cpu',
    config:
      'enable_collectors = ["cpufreq"]\ncpu {\n info = true\n flags_include = "^(aes|avx.?)$"\n bugs_include = "mds"\n}',
    files: { 'proc/stat': cpuLine, 'proc/cpuinfo': cpuinfo },
    samples: [
      ...cpuSeconds,
      'cpu_bug_info{bug="mds"} 1',
      'cpu_flag_info{flag="aes"} 1',
      'cpu_flag_info{flag="avx"} 1',
      'cpu_flag_info{flag="avx2"} 1',
      'cpu_frequency_hertz{core="2",cpu="0",package="0"} 7.99998e+08',
      'cpu_info{cachesize="8192 KB",core="2",cpu="0",family="6",microcode="0xb4",model="142",model_name="A CPU @ 1.90GHz",package="0",stepping="10",vendor="GenuineIntel"} 1',
      'cpu_info{cachesize="",core="",cpu="1",family="",microcode="",model="",model_name="",package="",stepping="",vendor=""} 1',
    ],
  },
  {
    title: 'throttling is told once for each core and package, and CPUs out of use and isolated ones are known',
    collector: 'cpu',
    files: {
      'proc/stat': cpuLine,
      ...Object.fromEntries(
        [0, 1, 2].flatMap((cpu) => [
          [`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, '0\n'],
          [`sys/devices/system/cpu/cpu${cpu}/topology/core_id`, `${cpu >> 1}\n`],
          [`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/core_throttle_count`, `${cpu + 5}\n`],
          [`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/package_throttle_count`, `${cpu + 30}\n`],
          [`sys/devices/system/cpu/cpu${cpu}/online`, `${cpu === 1 ? 0 : 1}\n`],
        ]),
      ),
      'sys/devices/system/cpu/isolated': '1,4-5\n',
    },
    samples: [
      ...cpuSeconds,
      'cpu_core_throttles_total{core="0",package="0"} 5',
      'cpu_core_throttles_total{core="1",package="0"} 7',
      'cpu_isolated{cpu="1"} 1',
      'cpu_isolated{cpu="4"} 1',
      'cpu_isolated{cpu="5"} 1',
      'cpu_online{cpu="0"} 1',
      'cpu_online{cpu="1"} 0',
      'cpu_online{cpu="2"} 1',
      'cpu_package_throttles_total{package="0"} 30',
    ],
  },
  {
    title: 'kilohertz become hertz, and the governor in use is 1',
    collector: 'cpufreq',
    files: {
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '1699981\n',
      'sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq': '3700000\n',
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors': 'performance powersave\n',
      'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
      'sys/devices/system/cpu/cpuidle/current_driver': 'none\n',
    },
    samples: [
      'cpu_frequency_max_hertz{cpu="0"} 3.7e+09',
      'cpu_scaling_frequency_hertz{cpu="0"} 1.699981e+09',
      'cpu_scaling_governor{cpu="0",governor="performance"} 0',
      'cpu_scaling_governor{cpu="0",governor="powersave"} 1',
    ],
  },
  {
    title: 'of the interrupts only the sum is told',
    collector: 'stat',
    files: {
      'proc/stat': `${cpuLine}intr 8885917 17 0\nctxt 38014093\nbtime 1418183276\nprocesses 26442\nprocs_running 2\nprocs_blocked 1\nsoftirq 5057579 250191\n`,
    },
    samples: [
      'intr_total 8.885917e+06',
      'context_switches_total 3.8014093e+07',
      'boot_time_seconds 1.418183276e+09',
      'forks_total 26442',
      'procs_running 2',
      'procs_blocked 1',
    ],
  },
  {
    title: 'nanoseconds become seconds',
    collector: 'schedstat',
    files: { 'proc/schedstat': 'version 15\ncpu0 0 0 0 0 0 0 2000000000 500000000 77\ndomain0 1 2 3\n' },
    samples: [
      'schedstat_running_seconds_total{cpu="0"} 2',
      'schedstat_waiting_seconds_total{cpu="0"} 0.5',
      'schedstat_timeslices_total{cpu="0"} 77',
    ],
  },
  { title: 'without the file there is no data', collector: 'schedstat', files: {}, samples: [], isSuccess: false },
  {
    title: 'columns are hexadecimal, the CPU is in the 13th, and older kernels have fewer of them',
    collector: 'softnet',
    files: {
      'proc/net/softnet_stat': `0000001a 00000001 00000002 0 0 0 0 0 00000003 00000004 00000005 00000006 00000007\n00000002 0 0\n`,
    },
    samples: [
      'softnet_processed_total{cpu="7"} 26',
      'softnet_dropped_total{cpu="7"} 1',
      'softnet_times_squeezed_total{cpu="7"} 2',
      'softnet_cpu_collision_total{cpu="7"} 3',
      'softnet_received_rps_total{cpu="7"} 4',
      'softnet_flow_limit_count_total{cpu="7"} 5',
      'softnet_backlog_len{cpu="7"} 6',
      'softnet_processed_total{cpu="1"} 2',
      'softnet_dropped_total{cpu="1"} 0',
      'softnet_times_squeezed_total{cpu="1"} 0',
    ],
  },
  {
    title: 'three averages',
    collector: 'loadavg',
    files: { 'proc/loadavg': '0.21 0.37 0.39 1/719 19737\n' },
    samples: ['load1 0.21', 'load5 0.37', 'load15 0.39'],
  },
  {
    title: 'what is no number fails',
    collector: 'loadavg',
    files: { 'proc/loadavg': '0.21 x' },
    samples: ['load1 0.21'],
    isSuccess: false,
  },
  {
    title: 'microseconds become seconds of waiting and stalling, and irq may be missing',
    collector: 'pressure',
    files: {
      'proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781\nfull avg10=0.00 total=7\n',
      'proc/pressure/io': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 total=250000\n',
      'proc/pressure/memory': 'some avg10=0.00 total=0\nfull avg10=0.00 total=0\n',
    },
    samples: [
      'pressure_cpu_waiting_seconds_total 14.036781',
      'pressure_io_waiting_seconds_total 1.5',
      'pressure_io_stalled_seconds_total 0.25',
      'pressure_memory_waiting_seconds_total 0',
      'pressure_memory_stalled_seconds_total 0',
    ],
  },
  {
    title: 'kilobytes become bytes, brackets an underscore, and unknown rows nothing',
    collector: 'meminfo',
    files: {
      'proc/meminfo':
        'MemTotal:  3742148 kB\nActive(anon):  2 kB\nHugePages_Total:   3\nHugepagesize:  2048 kB\nSomethingNew: 1 kB\n',
    },
    samples: [
      'memory_MemTotal_bytes 3.831959552e+09',
      'memory_Active_anon_bytes 2048',
      'memory_HugePages_Total 3',
      'memory_Hugepagesize_bytes 2.097152e+06',
    ],
  },
  {
    title: 'the pattern chooses fields',
    collector: 'vmstat',
    files: { 'proc/vmstat': 'nr_free_pages 977769\npgpgin 7344136\noom_kill 0\npgmajfault 32\n' },
    samples: ['vmstat_oom_kill 0', 'vmstat_pgmajfault 32', 'vmstat_pgpgin 7.344136e+06'],
  },
  {
    title: 'another pattern chooses others',
    collector: 'vmstat',
    config: 'vmstat {\n fields = "free"\n}',
    files: { 'proc/vmstat': 'nr_free_pages 977769\npgpgin 7344136\n' },
    samples: ['vmstat_nr_free_pages 977769'],
  },
  {
    title: 'rows are told beside their controller',
    collector: 'edac',
    files: {
      'sys/devices/system/edac/mc/mc0/ce_count': '1\n',
      'sys/devices/system/edac/mc/mc0/ce_noinfo_count': '2\n',
      'sys/devices/system/edac/mc/mc0/ue_count': '5\n',
      'sys/devices/system/edac/mc/mc0/ue_noinfo_count': '6\n',
      'sys/devices/system/edac/mc/mc0/csrow0/ce_count': '3\n',
      'sys/devices/system/edac/mc/mc0/csrow0/ue_count': '4\n',
    },
    samples: [
      'edac_correctable_errors_total{controller="0"} 1',
      'edac_uncorrectable_errors_total{controller="0"} 5',
      'edac_csrow_correctable_errors_total{controller="0",csrow="0"} 3',
      'edac_csrow_correctable_errors_total{controller="0",csrow="unknown"} 2',
      'edac_csrow_uncorrectable_errors_total{controller="0",csrow="0"} 4',
      'edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"} 6',
    ],
  },
  {
    title: 'both numbers are needed',
    collector: 'entropy',
    files: { 'proc/sys/kernel/random/entropy_avail': '1337\n', 'proc/sys/kernel/random/poolsize': '4096\n' },
    samples: ['entropy_available_bits 1337', 'entropy_pool_size_bits 4096'],
  },
]);

test('times of a CPU do not fall unless the CPU was replaced, and CPUs that are gone are forgotten', async (t) => {
  const folder = await hostTree(t, { 'proc/stat': 'cpu0 500 0 0 9000\ncpu1 7 0 0 0\n' });
  const exporter = openExporter(prometheusExporterUnix, `set_collectors = ["cpu"]\n${hostArguments(folder)}`);
  const rounds: readonly (readonly [stat: string, user: string, idle: string])[] = [
    ['cpu0 500 0 0 9000\ncpu1 7 0 0 0\n', '5', '90'],
    ['cpu0 490 0 0 8990\n', '5', '90'],
    ['cpu0 600 0 0 8701\ncpu1 3 0 0 0\n', '6', '90'],
    ['cpu0 100 0 0 8700\n', '1', '87'],
  ];
  for (const [stat, user, idle] of rounds) {
    await writeFile(`${folder}/proc/stat`, stat);
    const samples = samplesIn(await exporter.metrics());
    assert.ok(samples.includes(`node_cpu_seconds_total{cpu="0",mode="user"} ${user}`), samples.join('\n'));
    assert.ok(samples.includes(`node_cpu_seconds_total{cpu="0",mode="idle"} ${idle}`), samples.join('\n'));
    const other = samples.find((line) => line.includes('cpu="1",mode="user"'));
    if (stat.includes('cpu1 3')) assert.equal(other?.split(' ')[1], '0.03');
  }
});

test('a list of CPUs has numbers and ranges, and nothing else', () => {
  assert.deepEqual(listedCpus('0-2,7'), ['0', '1', '2', '7']);
  assert.deepEqual(listedCpus(''), []);
  assert.deepEqual(listedCpus('3-1,x,0-99999999999'), []);
});
