import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelName, nameWithoutSuffixes, nameWithSuffixes } from './metric-name.ts';

const cases: readonly [type: 'gauge' | 'counter' | 'other', name: string, unit: string, result: string][] = [
  ['gauge', 'system.filesystem.usage', 'By', 'system_filesystem_usage_bytes'],
  ['counter', 'system.io', 'By', 'system_io_bytes_total'],
  ['counter', 'network_transmitted_bytes_total', 'By', 'network_transmitted_bytes_total'],
  ['gauge', ' broken metric  name ', ' By ', 'broken_metric_name_bytes'],
  ['counter', 'system.network.dropped', '{packets}', 'system_network_dropped_total'],
  ['gauge', 'system.network.dropped', 'packets', 'system_network_dropped_packets'],
  ['gauge', 'system.network.packets', 'packets', 'system_network_packets'],
  ['gauge', 'hw.fan.speed_ratio', '1', 'hw_fan_speed_ratio'],
  ['counter', 'objects', '1', 'objects_total'],
  ['gauge', 'broken.metric.speed', 'km/h', 'broken_metric_speed_km_per_hour'],
  ['gauge', 'astro.light.speed_limit', 'm/s', 'astro_light_speed_limit_meters_per_second'],
  ['gauge', 'broken.metric.success_percent', '%', 'broken_metric_success_percent'],
  ['gauge', 'active_directory.ds.replication.object.rate', '{objects}/s', 'active_directory_ds_replication_object_rate_per_second'],
  ['gauge', 'x.scanned_per_returned', '{scanned}/{returned}', 'x_scanned_per_returned'],
  ['gauge', 'system.cpu.load_average.15m', '1', 'system_cpu_load_average_15m_ratio'],
  ['gauge', '3.14 digits', '', '_3_14_digits'],
  ['gauge', ':foo::bar', '', 'foo_bar'],
  ['gauge', 'envoy__rule_engine', '', 'envoy_rule_engine'],
  ['counter', 'test_metric', 'seconds', 'test_metric_seconds_total'],
  ['counter', 'test_metric_total', 'seconds', 'test_metric_seconds_total'],
  ['other', 'request.duration', 'ms', 'request_duration_milliseconds'],
  ['other', 'ratio', '1', 'ratio'],
  ['gauge', 'light_years', 'a/b/c', 'light_years_a_per_b_c'],
  ['gauge', '...', '', ''],
]; // prettier-ignore
for (const [type, name, unit, result] of cases) {
  test(`the ${type} ${JSON.stringify(name)} in ${JSON.stringify(unit)} becomes ${result}`, () => {
    assert.equal(nameWithSuffixes({ name, unit, isCounter: type === 'counter', isGauge: type === 'gauge' }), result);
  });
}

test('without suffixes, colons and underscores stay', () => {
  for (const [name, result] of [
    [':foo::bar', ':foo::bar'],
    ['envoy__rule_engine', 'envoy__rule_engine'],
    ['network (I/O)', 'network_I_O'],
    ['3.14 digits', '_3_14_digits'],
    ['', ''],
  ] as const)
    assert.equal(nameWithoutSuffixes(name), result);
});

test('keys of attributes become names of labels', () => {
  for (const [key, result] of [
    ['_test', 'key_test'],
    ['0test', 'key_0test'],
    ['test_/', 'test__'],
    ['__test', '__test'],
    ['http.status_code', 'http_status_code'],
    ['größe', 'größe'],
    ['😀', 'key_'],
    ['', ''],
  ] as const)
    assert.equal(labelName(key), result);
});
