import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { emptyHistogram, type NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { SeriesTable } from '../../model/series-table.ts';
import { plainSamples, sampleBatch, testSeries, type PlainSamples } from '../../testkit/metric-samples.ts';
import { writeRequestV1, writeRequestV2, type ProtobufMessage } from '../../testkit/metrics-reference.ts';
import { decompress } from '../snappy/decompress.ts';
import { decodeWriteV1 } from './decode-v1.ts';
import { decodeWriteV2 } from './decode-v2.ts';
import type { DecodedWrite } from './decoded-write.ts';
import { WriteRequestV1Builder } from './encode-v1.ts';
import { WriteRequestV2Builder } from './encode-v2.ts';
import type { WriteRequestBuilder } from './write-request.ts';

const limits = { maxItems: 10_000 };
const table = testSeries();

/** Adds everything of a batch. */
function addAll(builder: WriteRequestBuilder, batch: SampleBatch): void {
  const { histograms, exemplars } = batch;
  for (let index = 0; index < batch.count; index++) builder.addSample(batch, index, batch.series[index] ?? 0);
  for (let index = 0; index < (histograms?.count ?? 0); index++)
    builder.addHistogram(batch, index, histograms?.series[index] ?? 0);
  for (let index = 0; index < (exemplars?.count ?? 0); index++)
    builder.addExemplar(batch, index, exemplars?.series[index] ?? 0);
}

function encode(builder: WriteRequestBuilder, plain: PlainSamples): Buffer {
  const batch = sampleBatch(table, plain);
  if (batch !== undefined) addAll(builder, batch);
  return builder.finishPlain();
}

function decoded(result: DecodedWrite | ParseError): DecodedWrite {
  assert.ok(!(result instanceof ParseError), result instanceof ParseError ? result.message : '');
  for (const series of result.shares) table.release(series);
  return result;
}

function plainOf({ batch }: DecodedWrite): PlainSamples {
  return batch === undefined ? { samples: [], exemplars: [], families: [] } : plainSamples(batch);
}

const labels = { __name__: 'up', job: 'a' };
const histogram: NativeHistogram = {
  ...emptyHistogram,
  count: 12,
  sum: -0.5,
  schema: -2,
  zeroThreshold: 1e-128,
  zeroCount: 2,
  resetHint: 2,
  negativeSpans: [{ offset: -1, length: 1 }],
  negativeBuckets: [1],
  positiveSpans: [{ offset: 3, length: 2 }, { offset: 200, length: 1 }],
  positiveBuckets: [5, -3, 300],
}; // prettier-ignore
const floatHistogram: NativeHistogram = {
  ...histogram,
  isFloat: true,
  count: 1.5,
  zeroCount: 0.25,
  negativeBuckets: [0.5],
  positiveBuckets: [1, 0, 2.5],
};
const customHistogram: NativeHistogram = {
  ...emptyHistogram,
  count: 9,
  sum: 4,
  schema: -53,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveBuckets: [1, 7],
  customValues: [0, 2.5],
};
const families = [
  { name: 'up', type: 2, help: 'Whether it is up.', unit: '' },
  { name: 'x_seconds', type: 1, help: '', unit: 'seconds' },
] as const;

test('requests of version 1 are what an independent library reads', () => {
  const builder = new WriteRequestV1Builder();
  const batch = sampleBatch(table, {
    samples: [
      { labels, value: 1.5, timestamp: 1_700_000_000_123 },
      { labels: { z: '1', a: 'é', __name__: 'x' }, value: 0, timestamp: -5, start: 4 },
      { labels, value: histogram, timestamp: 7 },
    ],
    exemplars: [{ labels, exemplar: { trace_id: 'abc' }, value: 2, timestamp: 8 }],
  });
  assert.ok(batch);
  addAll(builder, batch);
  for (const family of families) builder.addFamily(family);
  const { sampleCount, histogramCount, exemplarCount, metadataCount } = builder;
  assert.deepEqual([sampleCount, histogramCount, exemplarCount, metadataCount], [2, 1, 1, 2]);
  const up = [{ name: '__name__', value: 'up' }, { name: 'job', value: 'a' }]; // prettier-ignore
  assert.deepEqual(writeRequestV1.decode(builder.finishPlain()), {
    timeseries: [
      { labels: up, samples: [{ value: 1.5, timestamp: 1_700_000_000_123 }] },
      {
        labels: [{ name: '__name__', value: 'x' }, { name: 'a', value: 'é' }, { name: 'z', value: '1' }],
        samples: [{ timestamp: -5 }],
      },
      {
        labels: up,
        histograms: [
          {
            count_int: 12,
            sum: -0.5,
            schema: -2,
            zero_threshold: 1e-128,
            zero_count_int: 2,
            negative_spans: [{ offset: -1, length: 1 }],
            negative_deltas: [1],
            positive_spans: [{ offset: 3, length: 2 }, { offset: 200, length: 1 }],
            positive_deltas: [5, -3, 300],
            reset_hint: 2,
            timestamp: 7,
          },
        ],
      },
      { labels: up, exemplars: [{ labels: [{ name: 'trace_id', value: 'abc' }], value: 2, timestamp: 8 }] },
    ],
    metadata: [
      { type: 2, metric_family_name: 'up', help: 'Whether it is up.' },
      { type: 1, metric_family_name: 'x_seconds', unit: 'seconds' },
    ],
  }); // prettier-ignore
  assert.equal(builder.size, 0);
  assert.equal(builder.sampleCount, 0);
});

test('requests of version 2 are what an independent library reads, with each text once', () => {
  const builder = new WriteRequestV2Builder();
  const request = writeRequestV2.decode(
    encode(builder, {
      samples: [
        { labels, value: 1.5, timestamp: 9, start: 3, family: 1 },
        { labels: { ...labels, job: 'b' }, value: -0, timestamp: 0, family: 2 },
        { labels: { __name__: 'up', b: 'job' }, value: 2, timestamp: 1 },
        { labels, value: customHistogram, timestamp: 7, start: 6, family: 1 },
      ],
      exemplars: [{ labels, exemplar: { trace_id: 'job' }, value: 2, timestamp: 8 }],
      families,
    }),
  );
  // prettier-ignore
  assert.deepEqual(request, {
    symbols: ['', '__name__', 'up', 'job', 'a', 'Whether it is up.', 'b', 'seconds', 'trace_id'],
    timeseries: [
      { labels_refs: [1, 2, 3, 4], samples: [{ value: 1.5, timestamp: 9, start_timestamp: 3 }], metadata: { type: 2, help_ref: 5 } },
      { labels_refs: [1, 2, 3, 6], samples: [{ value: -0 }], metadata: { type: 1, unit_ref: 7 } },
      { labels_refs: [1, 2, 6, 3], samples: [{ value: 2, timestamp: 1 }] },
      {
        labels_refs: [1, 2, 3, 4],
        metadata: { type: 2, help_ref: 5 },
        histograms: [{
          count_int: 9, sum: 4, schema: -53, zero_count_int: 0, positive_spans: [{ length: 2 }], positive_deltas: [1, 7],
          timestamp: 7, custom_values: [0, 2.5], start_timestamp: 6,
        }],
      },
      { labels_refs: [1, 2, 3, 4], exemplars: [{ labels_refs: [8, 3], value: 2, timestamp: 8 }] },
    ],
  });
  // The next request begins with a table of its own.
  const next = writeRequestV2.decode(
    encode(builder, { samples: [{ labels: { __name__: 'z' }, value: 1, timestamp: 1 }] }),
  );
  assert.deepEqual(next.symbols, ['', '__name__', 'z']);
});

test('what is sent is compressed', () => {
  for (const builder of [new WriteRequestV1Builder(), new WriteRequestV2Builder()]) {
    const batch = sampleBatch(table, {
      samples: Array.from({ length: 50 }, () => ({ labels, value: 1, timestamp: 2 })),
    });
    assert.ok(batch);
    addAll(builder, batch);
    const { size } = builder;
    const body = builder.finish();
    assert.ok(body.length < size / 2);
    addAll(builder, batch);
    assert.deepEqual(decompress(body, 1e6), builder.finishPlain());
  }
});

const name = fc.stringMatching(/^[a-z_]{1,4}$/);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((one) => one.isWellFormed());
const anyLabels = fc
  .tuple(name, fc.dictionary(name, text, { maxKeys: 5, noNullPrototype: true }))
  .map(([metric, rest]) => ({ ...rest, __name__: metric }));
const value = fc.oneof(fc.double({ noNaN: false }), fc.constant('stale' as const));
const time = fc.integer({ min: -(2 ** 40), max: 2 ** 45 });
const plainObjects = { noNullPrototype: true } as const;
const anySamples = fc.record({
  samples: fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ labels: anyLabels, value, timestamp: time }, plainObjects) },
      fc.record({
        labels: anyLabels,
        value: fc.constantFrom(histogram, floatHistogram, customHistogram, { ...histogram, isStale: true, sum: Number.NaN }),
        timestamp: time,
      }, plainObjects),
    ),
    { maxLength: 12 },
  ),
  exemplars: fc.array(
    fc.record({ labels: anyLabels, exemplar: anyLabels, value: fc.double({ noNaN: true }), timestamp: time }, plainObjects),
    { maxLength: 3 },
  ),
}, plainObjects); // prettier-ignore

/** Histograms come behind the float samples. */
function inOrder({ samples = [], exemplars = [] }: PlainSamples): PlainSamples {
  const isHistogram = samples.filter((sample) => typeof sample.value === 'object');
  return {
    samples: [...samples.filter((sample) => typeof sample.value !== 'object'), ...isHistogram],
    exemplars,
    families: [],
  };
}

test('what was encoded is decoded again', () => {
  fc.assert(
    fc.property(anySamples, (plain) => {
      const v1 = decoded(decodeWriteV1(encode(new WriteRequestV1Builder(), plain), table, limits));
      assert.deepEqual(plainOf(v1), inOrder(plain));
      const v2 = decoded(decodeWriteV2(encode(new WriteRequestV2Builder(), plain), table, limits));
      assert.deepEqual(plainOf(v2), inOrder(plain));
    }),
    { numRuns: 300 },
  );
});

test('start timestamps and metadata travel with samples in version 2, and metadata alone in version 1', () => {
  const samples = [
    { labels, value: 1, timestamp: 9, start: 3, family: 1 },
    { labels: { __name__: 'x_seconds' }, value: histogram, timestamp: 9, start: 2, family: 2 },
  ];
  const bytes = encode(new WriteRequestV2Builder(), { samples, families });
  assert.deepEqual(plainOf(decoded(decodeWriteV2(bytes, table, limits))), { samples, exemplars: [], families });
  const builder = new WriteRequestV1Builder();
  for (const family of families) builder.addFamily(family);
  const result = decoded(decodeWriteV1(builder.finishPlain(), table, limits));
  assert.deepEqual(plainOf(result), { samples: [], exemplars: [], families });
});

test('several samples of one series, fields in any order and unknown ones are read', () => {
  const up = [{ name: 'job', value: 'a' }, { name: '__name__', value: 'up' }, { name: 'empty', value: '' }]; // prettier-ignore
  const series = { labels: up, samples: [{ value: 1, timestamp: 1 }, { value: 2, timestamp: 2 }] }; // prettier-ignore
  const bytes = writeRequestV1.encode({ timeseries: [series] });
  const unknown = Buffer.from('7a016109010203040506070810052d01020304', 'hex');
  const result = decoded(decodeWriteV1(Buffer.concat([unknown, bytes, unknown]), table, limits));
  assert.deepEqual(plainOf(result).samples, [
    { labels, value: 1, timestamp: 1 },
    { labels, value: 2, timestamp: 2 },
  ]);
  assert.equal(result.shares.length, 1);
  const late = writeRequestV2.encode({ symbols: ['', 'a', '__name__'], timeseries: [] });
  const early = writeRequestV2.encode({ timeseries: [{ labels_refs: [2, 1], samples: [{ value: 1 }] }] });
  assert.deepEqual(plainOf(decoded(decodeWriteV2(Buffer.concat([early, late]), table, limits))).samples, [
    { labels: { __name__: 'a' }, value: 1, timestamp: 0 },
  ]);
});

test('series whose labels are not valid are left out and told of', () => {
  const good = { labels: [{ name: '__name__', value: 'up' }], samples: [{ value: 1, timestamp: 1 }] };
  const v1 = (list: readonly ProtobufMessage[]): DecodedWrite =>
    decoded(decodeWriteV1(writeRequestV1.encode({ timeseries: [{ ...good, labels: list }, good] }), table, limits));
  const v2 = (refs: readonly number[], symbols: readonly string[]): DecodedWrite => {
    const bad = { labels_refs: refs, samples: [{ value: 1, timestamp: 1 }] };
    const request = { symbols: ['', '__name__', 'up', ...symbols], timeseries: [bad, { ...bad, labels_refs: [1, 2] }] };
    return decoded(decodeWriteV2(writeRequestV2.encode(request), table, limits));
  };
  const up = { name: '__name__', value: 'up' };
  const cases: readonly [result: DecodedWrite, problem: string][] = [
    [v1([{ name: 'a', value: 'b' }]), 'series has no metric name'],
    [v1([]), 'series has no metric name'],
    [v1([{ name: '__name__', value: '' }]), 'series has no metric name'],
    [v1([up, { name: 'a', value: 'b' }, { name: 'a', value: 'c' }]), 'label "a" occurs twice'],
    [v1([up, { name: '', value: 'b' }]), 'label has no name'],
    [v2([1], []), 'series has a label without a value'],
    [v2([1, 2, 3, 4], ['a']), 'series refers to symbol 4 of 4'],
    [v2([1, 2, 3, 3, 3, 3], ['a']), 'label "a" occurs twice'],
    [v2([3, 3], ['a']), 'series has no metric name'],
  ];
  for (const [result, problem] of cases) {
    assert.equal(result.problem, problem);
    assert.equal(result.invalidSeries, 1);
    assert.deepEqual(plainOf(result).samples, [{ labels: { __name__: 'up' }, value: 1, timestamp: 1 }]);
  }
  const broken = Buffer.from('0a160a0e0a085f5f6e616d655f5f1202ff6112040900000000', 'hex');
  assert.ok(decodeWriteV1(broken, table, limits) instanceof ParseError);
});

test('histograms that make no sense are left out and told of', () => {
  const message = { count_int: 1, positive_spans: [{ offset: 0, length: 2 }], positive_deltas: [1] };
  const series = [{ labels: [{ name: '__name__', value: 'h' }], histograms: [message, { count_int: 1, schema: 99 }] }];
  const result = decoded(decodeWriteV1(writeRequestV1.encode({ timeseries: series }), table, limits));
  assert.equal(result.batch, undefined);
  assert.equal(result.invalidSeries, 2);
  assert.equal(result.problem, 'histogram has other buckets than its spans say');
});

test('histograms that are finer than Prometheus stores them are made coarser', () => {
  const message = { count_int: 3, schema: 10, positive_spans: [{ offset: 1, length: 3 }], positive_deltas: [1, 0, 0] };
  const series = [{ labels: [{ name: '__name__', value: 'h' }], histograms: [message] }];
  const result = decoded(decodeWriteV1(writeRequestV1.encode({ timeseries: series }), table, limits));
  const stored = plainOf(result).samples?.[0]?.value;
  assert.ok(typeof stored === 'object');
  assert.deepEqual([stored.schema, stored.positiveSpans, stored.positiveBuckets], [8, [{ offset: 1, length: 1 }], [3]]);
});

test('what is no request, or too large a one, gives an error and leaves no shares', () => {
  const own = testSeries();
  const sample = { value: 1, timestamp: 1 };
  const up = [{ name: '__name__', value: 'up' }];
  const many = writeRequestV1.encode({ timeseries: [{ labels: up, samples: [sample, sample, sample] }] });
  const tooLarge = decodeWriteV1(many, own, { maxItems: 2 });
  assert.deepEqual(tooLarge, new ParseError('write request has more than 2 series, samples or families'));
  const symbols = writeRequestV2.encode({ symbols: ['', 'a', 'b'] });
  const tooMany = decodeWriteV2(symbols, own, { maxItems: 2 });
  assert.deepEqual(tooMany, new ParseError('write request has more than 2 series, samples or symbols'));
  const first = decodeWriteV2(writeRequestV2.encode({ symbols: ['a'] }), own, limits);
  assert.deepEqual(first, new ParseError('the first symbol of write request is not empty'));
  for (const hex of ['0a', '0a05', '0b', '0a021205', '0a0212000a']) {
    const result = decodeWriteV1(Buffer.from(hex, 'hex'), own, limits);
    assert.deepEqual(result, new ParseError('write request is not valid protobuf'), hex);
  }
  const cut = decodeWriteV1(Buffer.concat([many, Buffer.from('0a05', 'hex')]), own, limits);
  assert.ok(cut instanceof ParseError);
  assert.equal(own.lingering, own.size);
  const v1 = decodeWriteV2(many, own, limits);
  assert.ok(!(v1 instanceof ParseError) && v1.batch === undefined);
});

test('series for which there is no room are counted', () => {
  const own = new SeriesTable({ maxSeries: 1, lingerSeconds: 0 });
  const series = ['a', 'b'].map((metric) => ({
    labels: [{ name: '__name__', value: metric }],
    samples: [{ value: 1 }],
  }));
  const result = decodeWriteV1(writeRequestV1.encode({ timeseries: series }), own, limits);
  assert.ok(!(result instanceof ParseError));
  assert.deepEqual([result.lostSeries, result.batch?.count], [1, 1]);
});

test('no bytes make the decoders throw', () => {
  const request = anySamples.map((plain) => encode(new WriteRequestV1Builder(), plain));
  const request2 = anySamples.map((plain) => encode(new WriteRequestV2Builder(), plain));
  const damaged = fc
    .tuple(fc.oneof(request, request2), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }))
    .map(([bytes, edits]) => {
      for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const random = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, random), (bytes) => {
      for (const decode of [decodeWriteV1, decodeWriteV2]) {
        const result = decode(bytes, table, limits);
        if (!(result instanceof ParseError)) plainOf(decoded(result));
      }
    }),
    { numRuns: 2000 },
  );
});
