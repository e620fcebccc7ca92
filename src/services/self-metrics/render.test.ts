import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, gauge, histogram, openMetrics, summary } from '../../component/metrics.ts';
import { renderMetrics } from './render.ts';

test('families of several components become one, sorted by name and labels', () => {
  const specs = { lines: counter('lines_total', 'Lines.', ['file']), up: gauge('a_up', 'Whether it is up.') };
  const b = openMetrics(specs, [['component_id', 'b']]);
  const a = openMetrics(specs, [['component_id', 'a']]);
  b.meters.lines.with('2').inc(2);
  b.meters.lines.with('1').inc();
  a.meters.lines.with('3').inc(0.5);
  a.meters.up.set(1);
  assert.equal(
    renderMetrics([...b.collect(), ...a.collect()]),
    `# HELP a_up Whether it is up.
# TYPE a_up gauge
a_up{component_id="a"} 1
a_up{component_id="b"} 0
# HELP lines_total Lines.
# TYPE lines_total counter
lines_total{component_id="a",file="3"} 0.5
lines_total{component_id="b",file="1"} 1
lines_total{component_id="b",file="2"} 2
`,
  );
});

test('the buckets of a histogram add up', () => {
  const metrics = openMetrics({ time: histogram('time_seconds', 'Time.', [0.1, 1], ['kind']) });
  const meter = metrics.meters.time.with('a');
  for (const value of [0.05, 0.1, 0.5, 5]) meter.observe(value);
  assert.equal(
    renderMetrics(metrics.collect()),
    `# HELP time_seconds Time.
# TYPE time_seconds histogram
time_seconds_bucket{kind="a",le="0.1"} 2
time_seconds_bucket{kind="a",le="1"} 3
time_seconds_bucket{kind="a",le="+Inf"} 4
time_seconds_sum{kind="a"} 5.65
time_seconds_count{kind="a"} 4
`,
  );
});

test('a summary has its quantiles', () => {
  const metrics = openMetrics({ time: summary('time_seconds', 'Time.', [0.5, 0.9], ['kind']) });
  for (const value of [0.05, 0.1, 0.5, 5]) metrics.meters.time.with('a').observe(value);
  metrics.meters.time.with('b');
  assert.equal(
    renderMetrics(metrics.collect()),
    `# HELP time_seconds Time.
# TYPE time_seconds summary
time_seconds{kind="a",quantile="0.5"} 0.1
time_seconds{kind="a",quantile="0.9"} 5
time_seconds_sum{kind="a"} 5.65
time_seconds_count{kind="a"} 4
time_seconds{kind="b",quantile="0.5"} NaN
time_seconds{kind="b",quantile="0.9"} NaN
time_seconds_sum{kind="b"} 0
time_seconds_count{kind="b"} 0
`,
  );
});

test('text is escaped, and numbers that are none have their names', () => {
  const metrics = openMetrics({ value: gauge('value', 'A \\ and\na break.', ['text']) });
  metrics.meters.value.with('a "b"\\\n').set(Infinity);
  metrics.meters.value.with('b').set(-Infinity);
  metrics.meters.value.with('c').set(NaN);
  assert.equal(
    renderMetrics(metrics.collect()),
    String.raw`# HELP value A \\ and\na break.
# TYPE value gauge
value{text="a \"b\"\\\n"} +Inf
value{text="b"} -Inf
value{text="c"} NaN
`,
  );
});

test('a family without series is not there, nor one whose kind contradicts the first', () => {
  const first = openMetrics({ a: counter('a_total', 'A.'), b: counter('b_total', 'B.', ['x']) });
  const second = openMetrics({ a: gauge('a_total', 'A.') });
  assert.equal(
    renderMetrics([...first.collect(), ...second.collect()]),
    '# HELP a_total A.\n# TYPE a_total counter\na_total 0\n',
  );
});
