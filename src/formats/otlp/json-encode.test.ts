import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { otlpKinds, type OtlpBatch, type OtlpKind } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { comparable, readReferenceJson } from '../../testkit/otlp-json.ts';
import { otlpMessage, writeOtlp } from '../../testkit/otlp-reference.ts';
import { logsRequest, metricsRequest, traceRequest } from '../../testkit/otlp-samples.ts';
import { checkOtlpRequest } from './check-request.ts';
import { decodeOtlpJson } from './json-decode.ts';
import { encodeOtlpJson } from './json-encode.ts';
import { otlp } from './otlp-signal.ts';

type Message = Record<string, unknown>;

function batchOf(kind: OtlpKind, body: Buffer): OtlpBatch {
  const batch = checkOtlpRequest(kind, body);
  if (batch instanceof ParseError) assert.fail(batch.message);
  return batch;
}

function jsonOf(kind: OtlpKind, request: Message | Buffer): string {
  return encodeOtlpJson(batchOf(kind, Buffer.isBuffer(request) ? request : writeOtlp(kind, request))).toString();
}

/** A request around the bytes of a span. */
function around(span: Buffer): Buffer {
  const wrap = (tag: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  return wrap(0x0a, wrap(0x12, wrap(0x12, span)));
}

/** What stands for a span in JSON. */
function spanJson(span: Buffer | Message): string {
  const body = Buffer.isBuffer(span) ? around(span) : writeOtlp('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }); // prettier-ignore
  return /"spans":\[(.*)\],"scope":\{\}\}\],"resource":\{\}\}\]\}$/s.exec(jsonOf('traces', body))?.[1] ?? '';
}

test('any request says in JSON what it says in protobuf', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), (request) => {
        const body = writeOtlp(kind, request);
        assert.deepEqual(readReferenceJson(kind, jsonOf(kind, body)), comparable(kind, body));
      }),
    );
  }
});

test('any request is the same after it went through JSON', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), (request) => {
        const batch = batchOf(kind, writeOtlp(kind, request));
        const json = encodeOtlpJson(batch);
        const back = decodeOtlpJson(kind, Buffer.from(json));
        assert.ok(!(back instanceof ParseError));
        assert.equal(back.count, batch.count);
        assert.deepEqual(encodeOtlpJson(back), json);
      }),
    );
  }
});

test('what is zero is left out, and messages that the protocol always has are not', () => {
  assert.equal(jsonOf('traces', Buffer.alloc(0)), '{}');
  assert.equal(spanJson({ name: 'x' }), '{"name":"x","status":{}}');
  const zeros = { name: '', kind: 0, startTimeUnixNano: 0, flags: 0, droppedLinksCount: 0, attributes: [] };
  assert.equal(spanJson(zeros), '{"status":{}}');
  assert.equal(spanJson(Buffer.from('2a0030003900000000000000008501000000000a00', 'hex')), '{"status":{}}');
  assert.equal(spanJson(Buffer.from('50808000', 'hex')), '{"status":{}}');
  const record = (body: Message): string => jsonOf('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [body] }] }] });
  assert.match(record({ severityText: 'x' }), /\[\{"severityText":"x","body":\{\}\}\]/);
  const histogram = { exponentialHistogram: { dataPoints: [{ sum: 0, scale: -1 }] } };
  assert.match(
    jsonOf('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [histogram] }] }] }),
    /\[\{"sum":0,"scale":-1,"positive":\{\},"negative":\{\}\}\]/,
  );
});

test('values have the form of OTLP', () => {
  const attribute = (value: Message): string => {
    const json = spanJson({ attributes: [{ key: 'k', value }] });
    return /^\{"attributes":\[\{"key":"k","value":(.*)\}\],"status":\{\}\}$/s.exec(json)?.[1] ?? json;
  };
  const cases: readonly [value: Message, json: string][] = [
    [{}, '{}'],
    [{ stringValue: '' }, '{"stringValue":""}'],
    [{ stringValue: 'a"\\\n\u0001é<&\u2028' }, String.raw`{"stringValue":"a\"\\\n\u0001é<&` + '\u2028"}'],
    [{ boolValue: false }, '{"boolValue":false}'],
    [{ boolValue: true }, '{"boolValue":true}'],
    [{ intValue: '-9223372036854775808' }, '{"intValue":"-9223372036854775808"}'],
    [{ intValue: '9007199254740993' }, '{"intValue":"9007199254740993"}'],
    [{ doubleValue: 0.1 }, '{"doubleValue":0.1}'],
    [{ doubleValue: -0 }, '{"doubleValue":-0}'],
    [{ doubleValue: 1e21 }, '{"doubleValue":1e+21}'],
    [{ doubleValue: Infinity }, '{"doubleValue":"Infinity"}'],
    [{ doubleValue: NaN }, '{"doubleValue":"NaN"}'],
    [{ bytesValue: Buffer.from([0, 255]) }, '{"bytesValue":"AP8="}'],
    [{ arrayValue: {} }, '{"arrayValue":{}}'],
    [{ arrayValue: { values: [{ intValue: 1 }, {}] } }, '{"arrayValue":{"values":[{"intValue":"1"},{}]}}'],
    [{ kvlistValue: { values: [{ key: 'a' }] } }, '{"kvlistValue":{"values":[{"key":"a","value":{}}]}}'],
  ];
  for (const [value, json] of cases) assert.equal(attribute(value), json);
  assert.equal(
    spanJson({ traceId: Buffer.alloc(16, 0xab), spanId: Buffer.alloc(8, 1), kind: 3, flags: 257 }),
    `{"traceId":"${'ab'.repeat(16)}","spanId":"${'01'.repeat(8)}","kind":3,"flags":257,"status":{}}`,
  );
  assert.equal(spanJson({ startTimeUnixNano: '18446744073709551615' }), '{"startTimeUnixNano":"18446744073709551615","status":{}}'); // prettier-ignore
});

test('what no serializer writes, but may be there, is read as protobuf has it', () => {
  const span = otlpMessage('Span');
  const cases: readonly [hex: string, what: string][] = [
    ['2a01612a0162', 'the last of two names counts'],
    ['7a0312016d7a021802', 'two messages are one'],
    ['4a030a016130014a030a0162', 'a list may have something in between'],
    ['4a0a0a016112050a017818074a00', 'the last of two members counts'],
    ['8a800000aa80000161', 'tags may be longer than they need be'],
    ['f306f4063003f2060100', 'unknown fields are passed over'],
  ];
  for (const [hex, what] of cases) {
    const bytes = Buffer.from(hex, 'hex');
    const body = around(bytes);
    if (checkOtlpRequest('traces', body) instanceof ParseError) assert.fail(`${what}: ${hex}`);
    assert.ok(span.decode(bytes));
    assert.deepEqual(readReferenceJson('traces', jsonOf('traces', body)), comparable('traces', body), what);
  }
});

test('text that is no UTF-8 is made valid', () => {
  assert.equal(spanJson(Buffer.from('2a0361ff62', 'hex')), String.raw`{"name":"a\ufffdb","status":{}}`);
});

test('a batch of several chunks is one request', () => {
  const [first, second] = [1, 2].map((seed) => traceRequest({ spans: 2, seed }));
  const batch: OtlpBatch = { kind: 'traces', chunks: [first ?? Buffer.alloc(0), second ?? Buffer.alloc(0)], count: 4, client: undefined }; // prettier-ignore
  const json = encodeOtlpJson(batch).toString();
  assert.deepEqual(readReferenceJson('traces', json), comparable('traces', Buffer.concat(batch.chunks)));
});

test('live debugging shows each item as a request of its own', () => {
  const requests = {
    traces: traceRequest({ resources: 2, scopes: 2, spans: 2 }),
    metrics: metricsRequest({ metrics: 5 }),
    logs: logsRequest({ records: 3 }),
  };
  for (const kind of otlpKinds) {
    const batch = batchOf(kind, requests[kind]);
    const texts = [...otlp.describe(batch)];
    assert.equal(texts.length, batch.count);
    for (const text of texts) {
      const item = decodeOtlpJson(kind, Buffer.from(text));
      assert.ok(!(item instanceof ParseError));
      assert.equal(item.count, 1);
    }
  }
});
