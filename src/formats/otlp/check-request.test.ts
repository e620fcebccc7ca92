import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { otlpKinds, type OtlpBatch, type OtlpKind } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { itemsOf } from '../../testkit/otlp-items.ts';
import { readOtlpBatch, writeOtlp } from '../../testkit/otlp-reference.ts';
import { logsRequest, metricsRequest, traceRequest } from '../../testkit/otlp-samples.ts';
import { checkOtlpRequest } from './check-request.ts';

const samples: Readonly<Record<OtlpKind, Buffer>> = {
  traces: traceRequest({ resources: 2, scopes: 2, spans: 2 }),
  metrics: metricsRequest({ resources: 1, scopes: 2, metrics: 5 }),
  logs: logsRequest({ resources: 2, scopes: 1, records: 2 }),
};

/** A field of a message: its tag, and the length of what follows. */
function field(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const value = Buffer.concat(parts.map((part) => (typeof part === 'string' ? hex(part) : part)));
  return Buffer.concat([varint(tag), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** A request with one span. */
function span(...fields: readonly (Buffer | string)[]): Buffer {
  return field(0x0a, field(0x12, field(0x12, ...fields)));
}

/** A request with one metric. */
const metric = span;

function checked(kind: OtlpKind, body: Buffer): OtlpBatch {
  const batch = checkOtlpRequest(kind, body);
  if (batch instanceof ParseError) assert.fail(batch.message);
  return batch;
}

/** What is wrong with a request; the text of the message, or nothing. */
function problem(kind: OtlpKind, body: Buffer): string | undefined {
  const result = checkOtlpRequest(kind, body);
  return result instanceof ParseError ? result.message : undefined;
}

function isReadable(kind: OtlpKind, body: Buffer): boolean {
  try {
    itemsOf(kind, body);
    return true;
  } catch {
    return false;
  }
}

test('requests are counted, and kept as they are', () => {
  for (const kind of otlpKinds) {
    const batch = checked(kind, samples[kind]);
    assert.equal(batch.count, itemsOf(kind, samples[kind]).length);
    assert.ok(batch.count > 3);
    assert.equal(batch.chunks[0], samples[kind]);
    assert.deepEqual(checked(kind, Buffer.alloc(0)), { kind, chunks: [], count: 0, client: undefined });
  }
});

test('any request passes, and is counted as protobufjs reads it', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), (request) => {
        const body = writeOtlp(kind, request);
        assert.equal(checked(kind, body).count, itemsOf(kind, body).length);
      }),
    );
  }
});

test('a request that ends early is refused, but where protobufjs can read it', () => {
  for (const kind of otlpKinds) {
    for (let length = 0; length < samples[kind].length; length++) {
      const body = samples[kind].subarray(0, length);
      const batch = checkOtlpRequest(kind, body);
      assert.equal(batch instanceof ParseError, !isReadable(kind, body), `${kind} ${length}`);
      if (!(batch instanceof ParseError)) assert.equal(batch.count, itemsOf(kind, body).length);
    }
  }
});

test('no bytes make the check throw, and what passes can be read', () => {
  const kinds = fc.constantFrom(...otlpKinds);
  const agrees = (kind: OtlpKind, body: Buffer): void => {
    const batch = checkOtlpRequest(kind, body);
    if (batch instanceof ParseError) assert.match(batch.message, /^[A-Z]\w+\.\w+ at offset \d+ /);
    else assert.equal(batch.count, itemsOf(kind, body).length);
  };
  fc.assert(fc.property(kinds, fc.uint8Array({ maxLength: 60 }), (kind, bytes) => agrees(kind, Buffer.from(bytes))));
  // Bytes that are changed here and there get deeper.
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(kinds, changes, (kind, all) => {
      const body = Buffer.from(samples[kind]);
      for (const [at, byte] of all) body[at % body.length] = byte;
      agrees(kind, body);
    }),
    { numRuns: 5000 },
  );
});

test('what is wrong is refused, and it is said where', () => {
  const cases: readonly [kind: OtlpKind, body: Buffer, problem: string][] = [
    ['traces', hex('0a'), 'TraceRequest.resource_spans at offset 0 goes beyond what it is in'],
    ['traces', hex('08 01'), 'TraceRequest.resource_spans at offset 0 has wire type 0 instead of 2'],
    ['traces', hex('0d 01 02 03 04'), 'TraceRequest.resource_spans at offset 0 has wire type 5 instead of 2'],
    ['traces', hex('00 01'), 'TraceRequest.0 at offset 0 has no valid tag'],
    ['traces', hex('80 80 80 80 80 01'), 'TraceRequest.0 at offset 0 has no valid tag'],
    ['traces', hex('80 80 80 80 10 01'), 'TraceRequest.0 at offset 0 has no valid tag'],
    ['traces', hex('0a 80 80 80 80 08'), 'TraceRequest.resource_spans at offset 0 goes beyond what it is in'],
    ['traces', hex('0a 80 80 80 80 80 00'), 'TraceRequest.resource_spans at offset 0 goes beyond what it is in'],
    ['traces', hex('0f'), 'TraceRequest.resource_spans at offset 0 has wire type 7 instead of 2'],
    ['traces', hex('17'), 'TraceRequest.2 at offset 0 is broken'],
    ['traces', span('0a 01 aa'), 'Span.trace_id at offset 6 is not right with a length of 1'],
    ['traces', span(field(0x0a, Buffer.alloc(17))), 'Span.trace_id at offset 6 is not right with a length of 17'],
    ['traces', span(field(0x12, Buffer.alloc(16))), 'Span.span_id at offset 6 is not right with a length of 16'],
    ['traces', span(field(0x22, '00')), 'Span.parent_span_id at offset 6 is not right with a length of 1'],
    ['traces', span(field(0x6a, field(0x0a, '00'))), 'Link.trace_id at offset 8 is not right with a length of 1'],
    ['traces', span('30'), 'Span.kind at offset 6 goes beyond what it is in'],
    ['traces', span('30 80'), 'Span.kind at offset 6 is no integer'],
    ['traces', span('30 80 80 80 80 80 80 80 80 80 02'), 'Span.kind at offset 6 is no integer'],
    ['traces', span('39 01 02 03'), 'Span.start_time_unix_nano at offset 6 goes beyond what it is in'],
    ['traces', span('85 01 01 02'), 'Span.flags at offset 6 goes beyond what it is in'],
    ['traces', span('80 01 01'), 'Span.flags at offset 6 has wire type 0 instead of 5'],
    ['traces', span('4a 05 0a 01 61 12 02'), 'KeyValue.value at offset 11 goes beyond what it is in'],
    ['traces', span('4a 07 0a 01 61 12 02 0a 01'), 'AnyValue.string_value at offset 13 goes beyond what it is in'],
    ['traces', span('4a 07 0a 01 61 12 02 08 01'), 'AnyValue.string_value at offset 13 has wire type 0 instead of 2'],
    ['traces', span('a3 06'), 'Span.100 at offset 6 is broken'],
    ['traces', span('a3 06 ac 07'), 'Span.100 at offset 6 is broken'],
    ['traces', span('a4 06'), 'Span.100 at offset 6 is broken'],
    ['metrics', metric(field(0x2a), field(0x3a)), 'Metric.sum at offset 8 comes second, but a metric has data of one type only'],
    ['metrics', metric(field(0x2a), field(0x2a)), 'Metric.gauge at offset 8 comes second, but a metric has data of one type only'],
    ['metrics', metric(field(0x4a, field(0x0a, field(0x32, Buffer.alloc(9))))), 'HistogramDataPoint.bucket_counts at offset 10 is not right with a length of 9'],
    ['metrics', metric(field(0x52, field(0x0a, field(0x42, '12 02 01 80')))), 'Buckets.bucket_counts at offset 12 is not right with a length of 2'],
    ['logs', field(0x0a, field(0x12, field(0x12, '2a 02 0a 05'))), 'AnyValue.string_value at offset 8 goes beyond what it is in'],
  ]; // prettier-ignore
  for (const [kind, body, message] of cases) assert.equal(problem(kind, body), message, body.toString('hex'));
});

test('what is unusual but right passes', () => {
  const cases: readonly [body: Buffer, what: string][] = [
    [span('0a 00 12 00 22 00'), 'empty ids'],
    [span('8a 80 00 00'), 'a tag that is longer than it need be'],
    [span('2a 81 80 00 61'), 'a length that is longer than it need be'],
    [span('2a 02 ff fe'), 'text that is no UTF-8'],
    [span('85 01 01 02 03 04'), 'a tag of two bytes'],
    [span('f0 06 ff ff ff ff ff ff ff ff ff 01'), 'an unknown varint'],
    [span('f1 06 01 02 03 04 05 06 07 08'), 'an unknown fixed64'],
    [span('f5 06 01 02 03 04'), 'an unknown fixed32'],
    [span('f2 06 01 00'), 'unknown bytes'],
    [span('f3 06 0b 0a 01 01 0c 0d 01 02 03 04 f4 06'), 'an unknown group with a group inside'],
    [span('4a 00'), 'an attribute that is empty'],
    [span('4a 02 12 00'), 'an attribute without a key'],
    [span('4a 05 12 00 0a 01 61'), 'fields in any order'],
    [span('7a 00', '7a 00'), 'a message that comes twice'],
  ];
  for (const [body, what] of cases) {
    assert.equal(problem('traces', body), undefined, what);
    assert.equal(itemsOf('traces', body).length, 1, what);
  }
});

test('numbers of a list may be packed or not', () => {
  const point = (...fields: readonly string[]): Buffer => metric(field(0x4a, field(0x0a, ...fields)));
  const body = point('31 01 00 00 00 00 00 00 00', '32 08 02 00 00 00 00 00 00 00', '39 00 00 00 00 00 00 f0 3f');
  assert.equal(checked('metrics', body).count, 1);
  assert.deepEqual(itemsOf('metrics', body)[0]?.['bucketCounts'], ['1', '2']);
  const buckets = metric(field(0x52, field(0x0a, field(0x42, '10 01', '12 03 02 80 01'))));
  assert.equal(checked('metrics', buckets).count, 1);
});

test('values may lie in each other as deeply as protobuf libraries allow', () => {
  const nested = (depth: number): Buffer => {
    let value = field(0x0a, Buffer.from('x'));
    for (let level = 0; level < depth; level++) value = field(0x2a, field(0x0a, value));
    return span(field(0x4a, field(0x12, value)));
  };
  assert.equal(problem('traces', nested(47)), undefined);
  assert.ok(isReadable('traces', nested(47)));
  assert.match(problem('traces', nested(48)) ?? '', /^ArrayValue.values at offset \d+ is nested too deeply$/);
  assert.ok(!isReadable('traces', nested(48)));
  assert.match(problem('traces', nested(2000)) ?? '', /nested too deeply/);
  assert.match(problem('traces', span(Buffer.alloc(20_000, 0xa3))) ?? '', /is broken|no valid tag/);
});

test('scopes in the list of old senders are moved to where they belong', () => {
  const resourceSpans = (own: readonly string[], deprecated: readonly string[]): Record<string, unknown> => {
    const scopes = (names: readonly string[]) => names.map((name) => ({ spans: [{ name }] }));
    return {
      resource: { attributes: [{ key: 'a', value: { stringValue: 'b' } }] },
      scopeSpans: scopes(own),
      deprecatedScopeSpans: scopes(deprecated),
      schemaUrl: 'url',
    };
  };
  const body = writeOtlp('traces', {
    resourceSpans: [
      resourceSpans(['own'], []),
      resourceSpans([], ['old 1', 'old 2']),
      resourceSpans(['kept'], ['discarded']),
    ],
  });
  const batch = checked('traces', Buffer.concat([body, hex('f2 06 01 00')]));
  assert.equal(batch.count, 4);
  const wanted = { resourceSpans: [['own'], ['old 1', 'old 2'], ['kept']].map((own) => resourceSpans(own, [])) };
  assert.deepEqual(readOtlpBatch(batch), readOtlpBatch({ ...batch, chunks: [writeOtlp('traces', wanted)] }));
  assert.equal(batch.chunks.length, 1);
  assert.ok(batch.chunks[0]?.subarray(-4).equals(hex('f2 06 01 00')));

  const broken = field(0x0a, field(8002, field(0x12, '0a 01 00')));
  assert.match(problem('traces', broken) ?? '', /^Span.trace_id at offset 7 /);
  for (const kind of ['metrics', 'logs'] as const) {
    const list = kind === 'logs' ? { deprecatedScopeLogs: [{ logRecords: [{}] }] } : { deprecatedScopeMetrics: [{ metrics: [{ gauge: { dataPoints: [{}] } }] }] }; // prettier-ignore
    const resources = kind === 'logs' ? { resourceLogs: [list] } : { resourceMetrics: [list] };
    const moved = checked(kind, writeOtlp(kind, resources));
    assert.equal(moved.count, 1);
    assert.equal(itemsOf(kind, Buffer.concat(moved.chunks)).length, 1);
  }
});
