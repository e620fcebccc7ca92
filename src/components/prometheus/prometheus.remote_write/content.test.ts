import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyHistogram, type NativeHistogram } from '../../../model/native-histogram.ts';
import { runRemoteWrite, sample, sendSamples, writeEndpoint, writeMetric } from '../../../testkit/remote-write.ts';
import { startWriteReceiver } from '../../../testkit/remote-write-receiver.ts';
import { until } from '../../../testkit/until.ts';

const v2 = 'protobuf_message = "io.prometheus.write.v2.Request"';
const now = 1_700_000_000_000;
const protocols = [
  ['version 1', ''],
  ['version 2', v2],
] as const;

const histogram: NativeHistogram = {
  ...emptyHistogram,
  count: 1e9,
  sum: 250.5,
  schema: 3,
  zeroThreshold: 1e-128,
  zeroCount: 2,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [3, -1],
};
const custom: NativeHistogram = {
  ...emptyHistogram,
  count: 3,
  sum: 1,
  schema: -53,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveBuckets: [3],
  customValues: [1],
};

for (const [name, protocol] of protocols) {
  test(`values, times and labels arrive as they are, in ${name}`, async () => {
    await using receiver = await startWriteReceiver();
    await using c = await runRemoteWrite(writeEndpoint(receiver, protocol));
    const values = [123.45, 42, 0, -15.5, Infinity, -Infinity, NaN, 1.7e308, 5e-324, 1.23e-4, Number.MAX_SAFE_INTEGER];
    const texts = ['Xin chào, thế giới', '日本語', '"quoted" \\ back', 'a'.repeat(10_000), ' ', '\n'];
    const plain = [
      ...values.map((value, at) => sample('value', value, now + at)),
      ...texts.map((text) => sample('text', 1, now, { text, job: 'j', instance: 'i', A: '1', _z: '2' })),
      sample('x'.repeat(760), 1, now),
      sample('ns:colon:sum', 1, 0),
      sample('long_name', 1, -5, { ['l'.repeat(500)]: '1' }),
      sample('many', 1, now, Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`label_${at}`, `${at}`]))),
    ];
    await sendSamples(c.exports.receiver, plain).delivered;
    const all = await receiver.series(plain.length);
    for (const [index, { labels, value, timestamp }] of plain.entries()) {
      assert.deepEqual(all[index]?.labels, labels);
      assert.deepEqual(all[index]?.samples, [{ value, timestamp, start: 0 }]);
    }
    for (const { names } of all) {
      assert.deepEqual(names, names.toSorted(byBytes));
      assert.equal(new Set(names).size, names.length);
      assert.ok(names.includes('__name__') && !names.includes(''));
    }
  });

  test(`the mark that a series has ended arrives bit by bit, in ${name}`, async () => {
    await using receiver = await startWriteReceiver();
    await using c = await runRemoteWrite(writeEndpoint(receiver, protocol));
    const labels = { __name__: 'up' };
    await sendSamples(c.exports.receiver, [{ labels, value: 'stale', timestamp: now }, sample('up', NaN, now)]).delivered; // prettier-ignore
    const [stale, nan] = await receiver.series(2);
    const bits = (value = 0): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
    // A NaN survives being read into a number on the platforms that tests run on.
    assert.equal(
      bits(stale?.samples[0]?.value),
      0x7ff0_0000_0000_0002n | (bits(stale?.samples[0]?.value) & (1n << 51n)),
    );
    assert.notEqual(bits(stale?.samples[0]?.value), bits(nan?.samples[0]?.value));
  });

  test(`native histograms are sent if that is enabled, in ${name}`, async () => {
    await using receiver = await startWriteReceiver();
    const labels = { __name__: 'h' };
    const plain = [
      { labels, value: histogram, timestamp: now },
      { labels, value: custom, timestamp: now + 1 },
    ];
    await using off = await runRemoteWrite(writeEndpoint(receiver, protocol));
    await sendSamples(off.exports.receiver, [...plain, sample('up', 1, now)]).delivered;
    await receiver.series(1);
    assert.equal(writeMetric(off, 'histograms_dropped_total', /reason="not_enabled"/), 2);

    await using on = await runRemoteWrite(writeEndpoint(receiver, `${protocol}\nsend_native_histograms = true`));
    await sendSamples(on.exports.receiver, plain).delivered;
    const all = await receiver.series(protocol === '' ? 2 : 3);
    const [first] = all.slice(1);
    const [sent] = first?.histograms ?? [];
    assert.deepEqual([sent?.['count_int'], sent?.['sum'], sent?.['schema']], [1e9, 250.5, 3]);
    assert.deepEqual([sent?.['zero_count_int'], sent?.['timestamp'], first?.samples.length], [2, now, 0]);
    assert.deepEqual(sent?.['positive_deltas'], [3, -1]);
    await until(() => writeMetric(on, 'histograms_total') === (protocol === '' ? 1 : 2));
    const dropped = writeMetric(on, 'histograms_dropped_total', /reason="nhcb_in_rw1_not_supported"/);
    assert.equal(dropped, protocol === '' ? 1 : 0);
  });

  test(`exemplars are sent unless that is switched off, in ${name}`, async () => {
    await using receiver = await startWriteReceiver();
    const labels = { __name__: 'requests_total' };
    const exemplars = [
      { labels, exemplar: { trace_id: 'abc', span_id: 'def' }, value: 0.5, timestamp: now },
      { labels, exemplar: { other: 'x' }, value: 2, timestamp: now + 1 },
    ];
    const plain = { samples: [sample('requests_total', 1, now)], exemplars };
    await using c = await runRemoteWrite(writeEndpoint(receiver, protocol));
    await sendSamples(c.exports.receiver, plain).delivered;
    const all = await receiver.series(3);
    assert.deepEqual(
      all.slice(1).flatMap((one) => one.exemplars),
      exemplars.map(({ exemplar, value, timestamp }) => ({ labels: exemplar, value, timestamp, start: 0 })),
    );
    for (const one of all) assert.deepEqual(one.labels, labels);
    await until(() => writeMetric(c, 'exemplars_total') === 2);

    await using off = await runRemoteWrite(writeEndpoint(receiver, `${protocol}\nsend_exemplars = false`));
    await sendSamples(off.exports.receiver, plain).delivered;
    await receiver.series(4);
    assert.equal(writeMetric(off, 'exemplars_dropped_total', /reason="not_enabled"/), 2);
  });
}

test('in version 2 every text is there once, the empty one first', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver, v2));
  const plain = Array.from({ length: 200 }, (_, at) => sample('http_requests_total', at, now, { code: `${at % 5}`, job: 'a', path: `/${at}` })); // prettier-ignore
  for (let round = 0; round < 2; round++) await sendSamples(c.exports.receiver, plain).delivered;
  await receiver.series(400);
  for (const { symbols } of receiver.requests) {
    assert.equal(symbols[0], '');
    assert.equal(new Set(symbols).size, symbols.length);
  }
});

test('in version 2 metadata and start times travel with the samples', async () => {
  await using receiver = await startWriteReceiver();
  await using c = await runRemoteWrite(writeEndpoint(receiver, v2));
  const families = [{ name: 'x_total', type: 1, help: 'Counts "x"\\.', unit: 'x' }] as const;
  const samples = [
    { ...sample('x_total', 1, now, { a: '1' }), family: 1, start: now - 1000 },
    { ...sample('x_total', 2, now, { a: '2' }), family: 1 },
    sample('y', 1, now),
  ];
  await sendSamples(c.exports.receiver, { samples, families }).delivered;
  const all = await receiver.series(3);
  const metadata = { type: 1, help: 'Counts "x"\\.', unit: 'x' };
  assert.deepEqual(all.map((one) => one.metadata), [metadata, metadata, undefined]);
  assert.deepEqual(all.map((one) => one.samples[0]?.start), [now - 1000, 0, 0]);
}); // prettier-ignore

test('in version 1 metadata is sent on its own, again and again', async () => {
  await using receiver = await startWriteReceiver();
  const config = 'metadata_config {\n send_interval = "20ms"\n max_samples_per_send = 2\n}';
  await using c = await runRemoteWrite(writeEndpoint(receiver, config));
  const families = ['a', 'b', 'c'].map((name) => ({ name, type: 2, help: `About ${name}.`, unit: '' }) as const);
  await sendSamples(c.exports.receiver, { samples: [sample('a', 1, now)], families }).delivered;
  const told = (): string[] => receiver.requests.flatMap(({ metadata }) => metadata.map(({ name = '' }) => name));
  await until(() => told().length >= 6);
  assert.deepEqual(told().slice(0, 6), ['a', 'b', 'c', 'a', 'b', 'c']);
  assert.ok(receiver.requests.every(({ metadata }) => metadata.length <= 2));
  await until(() => writeMetric(c, 'metadata_total') >= 6);
  assert.ok(writeMetric(c, 'metadata_bytes_total') > 0);
});

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
