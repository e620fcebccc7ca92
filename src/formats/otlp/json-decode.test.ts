import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { otlpKinds, type OtlpBatch, type OtlpKind } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { comparable, referenceJson } from '../../testkit/otlp-json.ts';
import { readOtlpBatch, writeOtlp } from '../../testkit/otlp-reference.ts';
import { logsRequest, metricsRequest, traceRequest } from '../../testkit/otlp-samples.ts';
import { checkOtlpRequest } from './check-request.ts';
import { decodeOtlpJson } from './json-decode.ts';

type Message = Record<string, unknown>;

function decoded(kind: OtlpKind, json: string): OtlpBatch {
  const batch = decodeOtlpJson(kind, Buffer.from(json));
  if (batch instanceof ParseError) assert.fail(batch.message);
  return batch;
}

/** The only span of a request with the members of a span in JSON. */
function spanOf(members: string): Message {
  const batch = decoded('traces', `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`);
  const { resourceSpans } = readOtlpBatch(batch) as { resourceSpans: [{ scopeSpans: [{ spans: [Message] }] }] };
  return resourceSpans[0].scopeSpans[0].spans[0];
}

/** The only value of an attribute of a span. */
function valueOf(value: string): unknown {
  const { attributes } = spanOf(`"attributes":[{"key":"k","value":${value}}]`) as { attributes: [{ value: unknown }] };
  return attributes[0].value;
}

function problem(kind: OtlpKind, json: string): string | undefined {
  const result = decodeOtlpJson(kind, Buffer.from(json));
  return result instanceof ParseError ? result.message : undefined;
}

test('any request in JSON says what it says in protobuf', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), (request) => {
        const body = writeOtlp(kind, request);
        const batch = decoded(kind, referenceJson(kind, body));
        const bytes = Buffer.concat(batch.chunks);
        assert.deepEqual(comparable(kind, bytes), comparable(kind, body));
        const checked = checkOtlpRequest(kind, body);
        assert.ok(!(checked instanceof ParseError));
        assert.equal(batch.count, checked.count);
      }),
    );
  }
});

test('fields are known by both of their names, and others are passed over', () => {
  const wanted = { name: 'x', endTimeUnixNano: '5', kind: 2 };
  assert.deepEqual(spanOf('"name":"x","endTimeUnixNano":"5","kind":2'), wanted);
  assert.deepEqual(spanOf('"name":"x","end_time_unix_nano":"5","kind":2'), wanted);
  assert.deepEqual(spanOf(String.raw`"n\u0061me":"x","other":{"a":[1,{}]},"endTimeUnixNano":5,"kind":2,"more":"x"`), wanted); // prettier-ignore
  assert.deepEqual(spanOf('"name":null,"attributes":null,"status":null,"kind":null,"traceId":null'), {});
  assert.equal(decoded('traces', ' { "resource_spans" : [ { "scope_spans" : [ { "spans" : [ { } , null ] } ] } ] }\n').count, 2); // prettier-ignore
  // Only protobuf has the list of old senders.
  assert.equal(decoded('traces', '{"resourceSpans":[{"deprecatedScopeSpans":[{"spans":[{}]}]}]}').count, 0);
  assert.equal(decoded('logs', '{}').count, 0);
  assert.equal(decoded('logs', '{"resourceLogs":[]}').count, 0);
});

test('values are read in all of their forms', () => {
  const cases: readonly [members: string, span: Message][] = [
    ['"startTimeUnixNano":"18446744073709551615"', { startTimeUnixNano: '18446744073709551615' }],
    ['"startTimeUnixNano":18446744073709551615', { startTimeUnixNano: '18446744073709551615' }],
    ['"startTimeUnixNano":1700000000000000001', { startTimeUnixNano: '1700000000000000001' }],
    ['"startTimeUnixNano":1e3', { startTimeUnixNano: '1000' }],
    ['"droppedEventsCount":"7"', { droppedEventsCount: 7 }],
    ['"droppedEventsCount":4294967295', { droppedEventsCount: 4294967295 }],
    ['"flags":257', { flags: 257 }],
    ['"kind":"SPAN_KIND_CLIENT"', { kind: 3 }],
    ['"kind":77', { kind: 77 }],
    ['"status":{"code":"STATUS_CODE_ERROR","message":"m"}', { status: { code: 2, message: 'm' } }],
    ['"traceId":"0102030405060708090A0b0c0d0e0f10"', { traceId: Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex') }],
    ['"spanId":"FFfe030405060708"', { spanId: Buffer.from('fffe030405060708', 'hex') }],
    ['"spanId":""', {}],
    [String.raw`"name":"a\"\\\/\n\u00e9\ud83d\ude00é"`, { name: 'a"\\/\né😀é' }],
    [String.raw`"name":"\ud83d"`, { name: '\ufffd' }],
  ]; // prettier-ignore
  for (const [members, span] of cases) assert.deepEqual(spanOf(members), span, members);
  const values: readonly [json: string, value: unknown][] = [
    ['{}', {}],
    ['null', undefined],
    ['{"stringValue":""}', { stringValue: '' }],
    ['{"boolValue":false}', { boolValue: false }],
    ['{"intValue":"-9223372036854775808"}', { intValue: '-9223372036854775808' }],
    ['{"intValue":-1}', { intValue: '-1' }],
    ['{"intValue":0}', { intValue: '0' }],
    ['{"doubleValue":0.1}', { doubleValue: 0.1 }],
    ['{"doubleValue":"1.5e300"}', { doubleValue: 1.5e300 }],
    ['{"doubleValue":"NaN"}', { doubleValue: NaN }],
    ['{"doubleValue":"-Infinity"}', { doubleValue: -Infinity }],
    ['{"doubleValue":-0}', { doubleValue: -0 }],
    ['{"bytesValue":"AP8="}', { bytesValue: Buffer.from([0, 255]) }],
    ['{"arrayValue":{}}', { arrayValue: {} }],
    ['{"arrayValue":{"values":[{"intValue":1},{}]}}', { arrayValue: { values: [{ intValue: '1' }, {}] } }],
    ['{"kvlistValue":{"values":[{"key":"a"}]}}', { kvlistValue: { values: [{ key: 'a' }] } }],
    ['{"stringValue":"a","intValue":1}', { intValue: '1' }],
  ];
  for (const [json, value] of values) assert.deepEqual(valueOf(json), value, json);
  const points = (counts: string): string =>
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":${counts}}]}}]}]}]}`;
  assert.deepEqual(readOtlpBatch(decoded('metrics', points('["1",2]'))), readOtlpBatch(decoded('metrics', points('[1,"2"]')))); // prettier-ignore
});

test('text that is no UTF-8 is kept', () => {
  const json = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\xff\xfe"}]}]}]}', 'latin1');
  const batch = decodeOtlpJson('traces', json);
  assert.ok(!(batch instanceof ParseError));
  assert.ok(Buffer.concat(batch.chunks).includes(Buffer.from([0x2a, 2, 0xff, 0xfe])));
});

test('what is of the wrong shape is refused, and it is said where', () => {
  const span = (members: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;
  const cases: readonly [json: string, problem: RegExp][] = [
    ['', /^the body is no JSON object, see offset 0$/],
    ['null', /^the body is no JSON object/],
    ['[]', /^the body is no JSON object/],
    ['{', /^the body is no JSON object/],
    ['{}}', /^the body is no JSON object/],
    ['{} {}', /^the body is no JSON object/],
    ['{"resourceSpans":[}', /^ResourceSpans at offset 18: want an object$/],
    ['{"resourceSpans":[{},]}', /^ResourceSpans at offset 21: want an object$/],
    ['{"resourceSpans" 1}', /^the body is no JSON object/],
    [span('"other":tru'), /^the body is no JSON object/],
    [span('"name":"\u0000"'), /^the body is no JSON object/],
    [span(String.raw`"name":"\x"`), /^the body is no JSON object/],
    ['{"resourceSpans":{}}', /^TraceRequest.resource_spans at offset 17: want an array$/],
    ['{"resourceSpans":"x"}', /^TraceRequest.resource_spans at offset 17: want an array$/],
    ['{"resourceSpans":[1]}', /^ResourceSpans at offset 18: want an object$/],
    ['{"resourceSpans":[[]]}', /^ResourceSpans at offset 18: want an object$/],
    [span('"name":1'), /^Span.name at offset 51: want a string$/],
    [span('"name":{}'), /^Span.name .* want a string$/],
    [span('"traceId":"0102"'), /^Span.trace_id .* want 32 hexadecimal digits in a string$/],
    [span('"traceId":"0102030405060708090a0b0c0d0e0f1x"'), /^Span.trace_id .* want 32 hexadecimal digits in a string$/],
    [span('"spanId":"010203040506070"'), /^Span.span_id .* want 16 hexadecimal digits in a string$/],
    [span('"spanId":12'), /^Span.span_id .* want 16 hexadecimal digits in a string$/],
    [span('"spanId":"éééééééé"'), /^Span.span_id .* want 16 hexadecimal digits in a string$/],
    [span('"kind":"CLIENT"'), /^Span.kind .* want a number or one of SPAN_KIND_UNSPECIFIED, /],
    [span('"kind":1.5'), /^Span.kind .* want an integer from -2147483648 to 2147483647$/],
    [span('"kind":[]'), /^Span.kind .* want an integer/],
    [span('"startTimeUnixNano":-1'), /^Span.start_time_unix_nano .* want an integer from 0 to 18446744073709551615$/],
    [span('"startTimeUnixNano":"18446744073709551616"'), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span('"startTimeUnixNano":""'), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span('"startTimeUnixNano":" 1"'), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span('"startTimeUnixNano":"0x10"'), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span(`"startTimeUnixNano":${'9'.repeat(100_000)}`), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span('"startTimeUnixNano":1e400'), /^Span.start_time_unix_nano .* want an integer from 0/],
    [span('"flags":4294967296'), /^Span.flags .* want an integer from 0 to 4294967295$/],
    [span('"attributes":[{"key":"k","value":"text"}]'), /^AnyValue at offset \d+: want an object$/],
    [span('"attributes":[{"value":{"boolValue":"true"}}]'), /^AnyValue.bool_value .* want true or false$/],
    [span('"attributes":[{"value":{"boolValue":1}}]'), /^AnyValue.bool_value .* want true or false$/],
    [span('"attributes":[{"value":{"intValue":"1.5"}}]'), /^AnyValue.int_value .* want an integer from -9223372036854775808 /],
    [span('"attributes":[{"value":{"intValue":9223372036854775808}}]'), /^AnyValue.int_value .* want an integer/],
    [span('"attributes":[{"value":{"intValue":true}}]'), /^AnyValue.int_value .* want an integer/],
    [span('"attributes":[{"value":{"doubleValue":"1.5x"}}]'), /^AnyValue.double_value .* want a number$/],
    [span('"attributes":[{"value":{"doubleValue":1e999}}]'), /^AnyValue.double_value .* want a number$/],
    [span('"attributes":[{"value":{"doubleValue":""}}]'), /^AnyValue.double_value .* want a number$/],
    [span('"attributes":[{"value":{"bytesValue":"a"}}]'), /^AnyValue.bytes_value .* want base64 in a string$/],
    [span('"attributes":[{"value":{"bytesValue":"AP8?"}}]'), /^AnyValue.bytes_value .* want base64 in a string$/],
    [span('"attributes":[{"value":{"arrayValue":[]}}]'), /^ArrayValue at offset \d+: want an object$/],
  ]; // prettier-ignore
  for (const [json, wanted] of cases) assert.match(problem('traces', json) ?? '', wanted, json.slice(0, 200));
  const gauges = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{},"sum":{}}]}]}]}';
  assert.match(problem('metrics', gauges) ?? '', /^Metric.sum .* a metric has data of one type only$/);
});

test('what lies in each other too deeply is refused', () => {
  const nested = (depth: number): string => {
    const value = `${'{"arrayValue":{"values":['.repeat(depth)}{}${']}}'.repeat(depth)}`;
    return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"value":${value}}]}]}]}]}`;
  };
  assert.equal(problem('traces', nested(47)), undefined);
  assert.match(problem('traces', nested(48)) ?? '', /want no more than 100 levels$/);
  assert.match(problem('traces', nested(100_000)) ?? '', /want no more than 100 levels$/);
  const other = '['.repeat(100_000);
  assert.match(problem('traces', `{"other":${other}}`) ?? '', /^the body is no JSON object/);
});

test('no text makes the decoder throw', () => {
  const samples = [
    ['traces', referenceJson('traces', traceRequest({ spans: 1 }))],
    ['metrics', referenceJson('metrics', metricsRequest({ metrics: 5 }))],
    ['logs', referenceJson('logs', logsRequest({ records: 1 }))],
  ] as const;
  for (const [kind, json] of samples) {
    assert.equal(problem(kind, json), undefined);
    for (let length = 0; length < json.length; length++) assert.ok(problem(kind, json.slice(0, length)) !== undefined);
    const pieces = fc.constantFrom('{', '}', '[', ']', '"', ',', ':', 'null', '1', '\\', '-', 'e', 'x', '\xff');
    fc.assert(
      fc.property(fc.nat(json.length), fc.nat(3), pieces, (at, removed, piece) => {
        const result = decodeOtlpJson(
          kind,
          Buffer.from(json.slice(0, at) + piece + json.slice(at + removed), 'latin1'),
        );
        if (result instanceof ParseError) assert.match(result.message, / offset /);
        else assert.ok(!(checkOtlpRequest(kind, Buffer.concat(result.chunks)) instanceof ParseError));
      }),
      { numRuns: 1000 },
    );
  }
});

test('what the JavaScript SDK sends is taken', async () => {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sdk' }),
    spanProcessors: [
      new SimpleSpanProcessor({ exporter: new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` }) }),
    ],
  });
  const span = provider.getTracer('tracer', '1.0').startSpan('work', {
    attributes: { text: 'a"b', int: 5, large: Number.MAX_SAFE_INTEGER, double: 0.5, flag: true, list: ['a', 'b'] },
    links: [{ context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 } }],
  });
  span.addEvent('event', { n: 1 });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  span.end();
  await provider.shutdown();
  server.close();

  assert.equal(bodies.length, 1);
  const batch = decoded('traces', String(bodies[0]));
  assert.equal(batch.count, 1);
  const json = JSON.parse(referenceJson('traces', Buffer.concat(batch.chunks))) as Message;
  const { resourceSpans } = json as { resourceSpans: [{ scopeSpans: [{ spans: [Message]; scope: Message }] }] };
  const [{ spans, scope }] = resourceSpans[0].scopeSpans;
  assert.deepEqual(scope, { name: 'tracer', version: '1.0' });
  assert.equal(spans[0]['traceId'], span.spanContext().traceId);
  assert.equal(spans[0]['spanId'], span.spanContext().spanId);
  assert.deepEqual(spans[0]['status'], { code: 2, message: 'no' });
  assert.deepEqual(
    (spans[0]['attributes'] as { value: unknown }[]).map(({ value }) => value),
    [
      { stringValue: 'a"b' },
      { intValue: '5' },
      { intValue: '9007199254740991' },
      { doubleValue: 0.5 },
      { boolValue: true },
      { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
    ],
  );
});
