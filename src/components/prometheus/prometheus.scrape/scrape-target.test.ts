import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { Labels } from '../../../model/labels.ts';
import { formatPrometheusDuration, parsePrometheusDuration } from './prometheus-duration.ts';
import { firstTick, offsetOf, scrapeTimestamp } from './scrape-clock.ts';
import { populated, scrapeTarget, type TargetDefaults } from './scrape-target.ts';
import { targetSet } from './target-set.ts';

const defaults: TargetDefaults = {
  job: 'job',
  scheme: 'https',
  metricsPath: '/metrics',
  interval: 1000,
  timeout: 1000,
  params: new Map(),
  hasNativeHistograms: false,
  keepsClassicHistograms: false,
  convertsClassicHistograms: false,
};

type LabelRecord = Readonly<Record<string, string>>;

function targetOf(labels: LabelRecord, params: TargetDefaults['params'] = new Map()) {
  const target = scrapeTarget(Labels.fromRecord(labels), { ...defaults, params });
  assert.ok(target !== undefined && !(target instanceof ParseError));
  return target;
}

test('targets are filled in from the arguments', () => {
  const T1 = populated(Labels.fromRecord({ __address__: '1.2.3.4:1000', custom: 'value' }), defaults);
  assert.deepEqual(Object.fromEntries(T1), {
    __address__: '1.2.3.4:1000',
    __always_scrape_classic_histograms__: 'false',
    __convert_classic_histograms_to_nhcb__: 'false',
    __metrics_path__: '/metrics',
    __scheme__: 'https',
    __scrape_interval__: '1s',
    __scrape_native_histograms__: 'false',
    __scrape_timeout__: '1s',
    custom: 'value',
    instance: '1.2.3.4:1000',
    job: 'job',
  });
  const accepted: readonly [name: string, labels: LabelRecord, url: string, exported: LabelRecord][] = [
    ['T1', { __address__: '1.2.3.4:1000', custom: 'value' }, 'https://1.2.3.4:1000/metrics',
      { custom: 'value', instance: '1.2.3.4:1000', job: 'job' }],
    ['T2', { __address__: '1.2.3.4', __scheme__: 'http', __metrics_path__: '/custom', job: 'custom-job',
      __scrape_interval__: '2s', __scrape_timeout__: '2s' }, 'http://1.2.3.4/custom',
      { instance: '1.2.3.4', job: 'custom-job' }],
    ['T3', { __address__: '[::1]', instance: 'custom-instance' }, 'https://[::1]/metrics',
      { instance: 'custom-instance', job: 'job' }],
    ['T5', { __address__: 'host:1234', custom: 'host:1234' }, 'https://host:1234/metrics',
      { custom: 'host:1234', instance: 'host:1234', job: 'job' }],
    ['T13', { __address__: 'h', __foo: 'bar' }, 'https://h/metrics', { instance: 'h', job: 'job' }],
    ['T14', { __address__: 'h', __meta_x: 'y' }, 'https://h/metrics', { instance: 'h', job: 'job' }],
    ['a path with a question mark', { __address__: 'h', __metrics_path__: '/a?b' }, 'https://h/a%3Fb',
      { instance: 'h', job: 'job' }],
  ]; // prettier-ignore
  for (const [name, labels, url, exported] of accepted) {
    const target = targetOf(labels);
    assert.equal(target.url.href, url, name);
    assert.deepEqual(Object.fromEntries(target.labels), exported, name);
  }
  assert.equal(targetOf({ __address__: 'h', __scrape_interval__: '1m30s' }).interval, 90_000);
});

test('parameters come from the arguments, and the first value of each from the target', () => {
  const params = new Map([['module', ['x', 'y']], ['b', ['1 2']], ['none', []]]); // prettier-ignore
  assert.equal(targetOf({ __address__: 'h', __param_module: 'a' }, params).url.search, '?b=1+2&module=a&module=y');
  assert.equal(targetOf({ __address__: 'h', __param_z: '&' }, params).url.search, '?b=1+2&module=x&module=y&z=%26');
});

test('targets that cannot be scraped say why', () => {
  const cases: readonly [name: string, labels: LabelRecord, error: string][] = [
    ['T4', { custom: 'value' }, 'no address'],
    ['T6', { __address__: 'h', custom: '\ud8bd' }, String.raw`invalid label value for "custom": "\ud8bd"`],
    ['T7', { __address__: 'h', __scrape_interval__: '2notseconds' },
      'cannot read the scrape interval: "2notseconds" is not a valid duration such as "1m30s"'],
    ['T7', { __address__: 'h', __scrape_timeout__: '2notseconds' },
      'cannot read the scrape timeout: "2notseconds" is not a valid duration such as "1m30s"'],
    ['T8', { __address__: 'h', __scrape_interval__: '0s' }, 'scrape interval cannot be 0'],
    ['T8', { __address__: 'h', __scrape_timeout__: '0s' }, 'scrape timeout cannot be 0'],
    ['T9', { __address__: 'h', __scrape_interval__: '1s', __scrape_timeout__: '2s' },
      'scrape timeout cannot be greater than scrape interval (2s > 1s)'],
    ['T10', { __address__: 'h', __scrape_native_histograms__: 'maybe' },
      '__scrape_native_histograms__ is "maybe", want true or false'],
    ['T11', { __address__: 'host/path' }, '"host/path" is not a valid target address'],
    ['an address with more', { __address__: 'user@host' }, '"user@host" is not a valid target address'],
    ['an address that is none', { __address__: 'a b' }, '"a b" is not a valid target address'],
    ['another scheme', { __address__: 'h', __scheme__: 'ftp' }, 'unsupported scheme "ftp", use http or https'],
  ]; // prettier-ignore
  for (const [name, labels, error] of cases) {
    const target = scrapeTarget(Labels.fromRecord(labels), defaults);
    assert.ok(target instanceof ParseError, name);
    assert.equal(target.message, error, name);
  }
});

test('targets that are the same but for what is not exported are scraped once', () => {
  const { targets, problems } = targetSet(
    [
      Labels.fromRecord({ __address__: 'h', __meta_x: '1' }),
      Labels.fromRecord({ __address__: 'h', __meta_x: '2', __foo: 'x' }),
      Labels.fromRecord({ __address__: 'h', a: 'b' }),
      Labels.fromRecord({ a: 'b' }),
    ],
    defaults,
  );
  assert.equal(targets.size, 2);
  assert.deepEqual(
    problems.map(({ error }) => error),
    ['no address'],
  );
});

test('durations are read and written as Prometheus does', () => {
  for (const [text, time] of [
    ['0', 0],
    ['1d2h3m4s5ms', 93_784_005],
    ['2y3w', 2 * 365 * 86_400_000 + 21 * 86_400_000],
    ['90s', 90_000],
  ] as const)
    assert.equal(parsePrometheusDuration(text), time, text);
  for (const text of ['', '1.5s', '1s1m', '-1s', '1', 's', '1s ', '99999999999999999999y'])
    assert.ok(parsePrometheusDuration(text) instanceof ParseError, text);
  for (const [time, text] of [
    [0, '0s'],
    [90_000, '1m30s'],
    [604_800_000, '1w'],
    [612_000_000, '170h'],
    [1500, '1s500ms'],
  ] as const)
    assert.equal(formatPrometheusDuration(time), text);
});

test('scrapes are spread over the interval, differently for each seed, and at the same time each time', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let index = 0; index < 10_000; index++) {
    const tenth = Math.floor(offsetOf(`http://host-${index}:9100/metrics`, 'a', 15_000) / 1500);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  assert.ok(
    counts.every((count) => count > 800 && count < 1200),
    counts.join(' '),
  );
  assert.notEqual(offsetOf('x', 'a', 60_000), offsetOf('x', 'b', 60_000));
  for (const key of ['x', 'y', 'z']) assert.equal(offsetOf(key, 'a', 1000) % 100, 0);
  const short = Array.from({ length: 100 }, (_, index) => offsetOf(String(index), 'a', 50));
  assert.ok(new Set(short).size > 25);
  assert.equal(firstTick(100_000, 15_000, 5000), 110_000);
  assert.equal(firstTick(110_000, 15_000, 5000), 110_000);
  assert.equal(firstTick(110_001, 15_000, 5000), 125_000);
  assert.equal(scrapeTimestamp(110_002, 110_000, 15_000), 110_000);
  assert.equal(scrapeTimestamp(110_003, 110_000, 15_000), 110_003);
  assert.equal(scrapeTimestamp(110_002, 110_000, 100), 110_002);
});
