import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCollectors } from '../../../../testkit/collector-cases.ts';
import { hostArguments, hostTree, openExporter, samplesIn } from '../../../../testkit/host-tree.ts';
import { prometheusExporterUnix } from '../../prometheus.exporter.unix.ts';

const chip = 'sys/class/hwmon/hwmon0';
const sensor = (metric: string, name: string, value: string): string =>
  `hwmon_${metric}{chip="platform_coretemp_0",sensor="${name}"} ${value}`;
const battery = 'sys/class/power_supply/BAT0';

testCollectors(prometheusExporterUnix, [
  {
    title: 'readable files become labels',
    collector: 'dmi',
    files: { 'sys/class/dmi/id/bios_vendor': 'Dell Inc.\n', 'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n' },
    samples: ['dmi_info{bios_vendor="Dell Inc.",system_vendor="Dell Inc."} 1'],
  },
  { title: 'without the folder there is no data', collector: 'dmi', files: {}, samples: [], isSuccess: false },
  {
    title: 'the chip is named after its device, and each value has the unit of its sensor',
    collector: 'hwmon',
    files: {
      'sys/bus/platform/x': '',
      'sys/devices/coretemp.0/subsystem': '-> ../../bus/platform',
      [`${chip}/device`]: '-> ../../../devices/coretemp.0',
      [`${chip}/name`]: 'core temp\n',
      [`${chip}/update_interval`]: '1000\n',
      [`${chip}/beep_enable`]: '1\n',
      [`${chip}/vrm`]: '5\n',
      [`${chip}/temp1_input`]: '55000\n',
      [`${chip}/temp1_label`]: 'Core 0\n',
      [`${chip}/temp1_crit_alarm`]: '0\n',
      [`${chip}/temp1_type`]: '6\n',
      [`${chip}/fan1_input`]: '1998\n',
      [`${chip}/fan1_alarm`]: '0\n',
      [`${chip}/fan1_beep`]: '1\n',
      [`${chip}/fan1_pulses`]: '2\n',
      [`${chip}/in0_input`]: '792\n',
      [`${chip}/curr1_max`]: '3000\n',
      [`${chip}/energy1_input`]: '2000000\n',
      [`${chip}/power1_accuracy`]: '5000\n',
      [`${chip}/power1_average_interval`]: '1000\n',
      [`${chip}/power1_input`]: '7000000\n',
      [`${chip}/humidity1_input`]: '500000\n',
      [`${chip}/freq1_input`]: '214000000\n',
      [`${chip}/freq1_label`]: 'sclk\n',
      [`${chip}/pwm1`]: '255\n',
      [`${chip}/pwm1_enable`]: '2\n',
      [`${chip}/cpu0_vid`]: 'broken\n',
      [`${chip}/unknown1_input`]: '1\n',
    },
    samples: [
      'hwmon_chip_names{chip="platform_coretemp_0",chip_name="core_temp"} 1',
      'hwmon_sensor_label{chip="platform_coretemp_0",label="Core 0",sensor="temp1"} 1',
      'hwmon_sensor_label{chip="platform_coretemp_0",label="sclk",sensor="freq1"} 1',
      sensor('update_interval_seconds', 'update_interval0', '1'),
      sensor('beep_enabled', 'beep_enable0', '1'),
      sensor('voltage_regulator_version', 'vrm0', '5'),
      sensor('temp_celsius', 'temp1', '55'),
      sensor('temp_crit_alarm_celsius', 'temp1', '0'),
      sensor('temp_type', 'temp1', '6'),
      sensor('fan_rpm', 'fan1', '1998'),
      sensor('fan_alarm', 'fan1', '0'),
      sensor('fan_beep_enabled', 'fan1', '1'),
      sensor('fan_pulses', 'fan1', '2'),
      sensor('in_volts', 'in0', '0.792'),
      sensor('curr_max_amps', 'curr1', '3'),
      sensor('energy_joule_total', 'energy1', '2'),
      sensor('power_accuracy', 'power1', '0.005'),
      sensor('power_average_interval_seconds', 'power1', '1'),
      sensor('power_watt', 'power1', '7'),
      sensor('humidity', 'humidity1', '0.5'),
      sensor('freq_freq_mhz', 'sclk', '214'),
      sensor('pwm', 'pwm1', '255'),
      sensor('pwm_enable', 'pwm1', '2'),
    ],
  },
  {
    title: 'without a device the chip has its own name, or that of its folder, and patterns choose',
    collector: 'hwmon',
    config: 'hwmon {\n chip_exclude = "bad"\n}',
    files: {
      'sys/class/hwmon/hwmon1/name': 'BAT-0\n',
      'sys/class/hwmon/hwmon1/in0': '1000\n',
      'sys/class/hwmon/hwmon1/in0_input': '2000\n',
      'sys/class/hwmon/hwmon2/pwm1': '1\n',
      'sys/class/hwmon/hwmon3/name': 'bad\n',
    },
    samples: [
      'hwmon_chip_names{chip="bat_0",chip_name="bat_0"} 1',
      'hwmon_in_volts{chip="bat_0",sensor="in0"} 1',
      'hwmon_in_input_volts{chip="bat_0",sensor="in0"} 2',
      'hwmon_pwm{chip="hwmon2",sensor="pwm1"} 1',
    ],
  },
  {
    title: 'millionths and tenths become units, and only given texts are labels',
    collector: 'powersupplyclass',
    config: 'powersupply {\n ignored_supplies = "AC"\n}',
    files: {
      [`${battery}/voltage_now`]: '12000000\n',
      [`${battery}/capacity`]: '81\n',
      [`${battery}/cycle_count`]: '7\n',
      [`${battery}/temp`]: '305\n',
      [`${battery}/energy_now`]: '36580000\n',
      [`${battery}/status`]: 'Discharging\n',
      [`${battery}/manufacturer`]: '\n',
      'sys/class/power_supply/AC/online': '0\n',
    },
    samples: [
      'power_supply_voltage_volt{power_supply="BAT0"} 12',
      'power_supply_capacity{power_supply="BAT0"} 81',
      'power_supply_cyclecount{power_supply="BAT0"} 7',
      'power_supply_temp_celsius{power_supply="BAT0"} 30.5',
      'power_supply_energy_watthour{power_supply="BAT0"} 36.58',
      'power_supply_info{power_supply="BAT0",status="Discharging"} 1',
    ],
  },
  {
    title: 'zones and cooling devices are told by their number',
    collector: 'thermal_zone',
    files: {
      'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
      'sys/class/thermal/thermal_zone0/temp': '-12376\n',
      'sys/class/thermal/cooling_device1/type': 'Processor\n',
      'sys/class/thermal/cooling_device1/cur_state': '0\n',
      'sys/class/thermal/cooling_device1/max_state': '3\n',
    },
    samples: [
      'thermal_zone_temp{type="cpu-thermal",zone="0"} -12.376',
      'cooling_device_cur_state{name="1",type="Processor"} 0',
      'cooling_device_max_state{name="1",type="Processor"} 3',
    ],
  },
  {
    title: 'what is not there is left out',
    collector: 'watchdog',
    files: {
      'sys/class/watchdog/watchdog0/timeout': '60\n',
      'sys/class/watchdog/watchdog0/identity': 'Software Watchdog\n',
    },
    samples: [
      'watchdog_timeout_seconds{name="watchdog0"} 60',
      'watchdog_info{identity="Software Watchdog",name="watchdog0",options="",pretimeout_governor="",state="",status=""} 1',
    ],
  },
  { title: 'modes are told only if it is in use', collector: 'selinux', files: {}, samples: ['selinux_enabled 0'] },
  {
    title: 'the configured mode can be another than the current one',
    collector: 'selinux',
    files: {
      'sys/fs/selinux/enforce': '0',
      'root/etc/selinux/config': '# SELINUX=x\nSELINUX=enforcing\nSELINUXTYPE=a\n',
    },
    samples: ['selinux_enabled 1', 'selinux_config_mode 1', 'selinux_current_mode 0'],
  },
  {
    title: 'the first and the last column count',
    collector: 'filefd',
    files: { 'proc/sys/fs/file-nr': '1024\t0\t631329\n' },
    samples: ['filefd_allocated 1024', 'filefd_maximum 631329'],
  },
  {
    title: 'values are unquoted, the version is a number, and the end of support a time',
    collector: 'os',
    files: {
      'root/usr/lib/os-release':
        'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=\'debian\'\nVERSION_ID="20.04.1"\nPRETTY_NAME="A \\"b\\""\nSUPPORT_END=2027-05-13\n# comment\n',
    },
    samples: [
      'os_info{build_id="",id="ubuntu",id_like="debian",image_id="",image_version="",name="Ubuntu",pretty_name="A \\"b\\"",variant="",variant_id="",version="",version_codename="",version_id="20.04.1"} 1',
      'os_version{id="ubuntu",id_like="debian",name="Ubuntu"} 20.04',
      'os_support_end_timestamp_seconds 1.8101664e+09',
    ],
  },
  { title: 'there is never data', collector: 'timex', files: {}, samples: [], isSuccess: false },
]);

test('time and uname tell what Node.js and the files know', async (t) => {
  const folder = await hostTree(t, {
    'proc/sys/kernel/domainname': 'example.org\n',
    'sys/devices/system/clocksource/clocksource0/available_clocksource': 'tsc hpet\n',
    'sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  });
  const config = `set_collectors = ["time", "uname"]\n${hostArguments(folder)}`;
  const samples = samplesIn(await openExporter(prometheusExporterUnix, config).metrics());
  const expected = [
    /^node_time_clocksource_available_info{clocksource="hpet",device="0"} 1$/,
    /^node_time_clocksource_available_info{clocksource="tsc",device="0"} 1$/,
    /^node_time_clocksource_current_info{clocksource="tsc",device="0"} 1$/,
    /^node_time_seconds \d\.\d+e\+09$/,
    /^node_time_zone_offset_seconds{time_zone="[^"]+"} -?\d+$/,
    /^node_uname_info{domainname="example.org",machine="[^"]+",nodename="[^"]+",release="[^"]+",sysname="Linux",version="[^"]+"} 1$/,
  ];
  assert.equal(samples.length, expected.length);
  for (const [index, pattern] of expected.entries()) assert.match(samples[index] ?? '', pattern);
});
