import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../base/parse-error.ts';
import { DeliveryError } from '../../flow/delivery.ts';
import { otlpMessage } from '../../testkit/otlp-reference.ts';
import {
  decodeStatus,
  encodeStatus,
  GrpcError,
  grpcCodeOf,
  grpcCodes,
  httpStatusOf,
  isRetryableStatus,
  statusJson,
  type GrpcStatus,
} from './grpc-status.ts';

const RpcStatus = otlpMessage('RpcStatus');
const RetryInfo = otlpMessage('RetryInfo');
const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo';

interface Reference {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
}

const statuses: readonly GrpcStatus[] = [
  { code: 14, message: 'try again', retryDelay: 1500 },
  { code: 8, message: 'größer', retryDelay: 0 },
  { code: 14, message: '', retryDelay: 30_000.25 },
  { code: 3, message: 'x'.repeat(300), retryDelay: undefined },
  { code: 0, message: '', retryDelay: undefined },
];

test('a generic library reads the statuses that are written', () => {
  for (const status of statuses) {
    const read = RpcStatus.toObject(RpcStatus.decode(encodeStatus(status)), { defaults: true, arrays: true });
    const { code, message, details } = read as Reference;
    assert.deepEqual([code, message], [status.code, status.message]);
    const [detail] = details;
    assert.equal(detail?.typeUrl, status.retryDelay === undefined ? undefined : retryInfoUrl);
    if (detail === undefined) continue;
    const info = RetryInfo.toObject(RetryInfo.decode(detail.value), { longs: Number, defaults: true });
    const { seconds, nanos } = info.retryDelay as { seconds: number; nanos: number };
    assert.equal(seconds * 1000 + nanos / 1e6, status.retryDelay);
  }
});

test('statuses come back as they were written', () => {
  for (const status of statuses) assert.deepEqual(decodeStatus(encodeStatus(status)), status);
});

test('details that tell something else are passed over, and so are broken ones', () => {
  const other = { typeUrl: 'type.googleapis.com/google.rpc.DebugInfo', value: Buffer.from('abc') };
  const broken = { typeUrl: retryInfoUrl, value: Buffer.from('ffff', 'hex') };
  const good = { typeUrl: retryInfoUrl, value: RetryInfo.encode({ retryDelay: { seconds: 2, nanos: 5e8 } }).finish() };
  const cases = [
    [[], undefined],
    [[other], undefined],
    [[broken], undefined],
    [[other, broken, good], 2500],
  ] as const;
  for (const [details, retryDelay] of cases) {
    const bytes = Buffer.from(RpcStatus.encode({ code: 14, message: 'm', details }).finish());
    assert.deepEqual(decodeStatus(bytes), { code: 14, message: 'm', retryDelay });
  }
  assert.ok(decodeStatus(Buffer.from('0aff', 'hex')) instanceof ParseError);
});

test('the JSON form has the details that the other has', () => {
  assert.equal(statusJson({ code: 3, message: 'a "b"' }), '{"code":3,"message":"a \\"b\\""}');
  for (const [retryDelay, text] of [
    [0, '0s'],
    [5000, '5s'],
    [1500, '1.5s'],
    [0.001, '0.000001s'],
  ] as const) {
    const detail = { '@type': retryInfoUrl, retryDelay: text };
    assert.deepEqual(JSON.parse(statusJson({ code: 14, message: '', retryDelay })), {
      code: 14,
      message: '',
      details: [detail],
    });
  }
});

test('each code has a status of HTTP', () => {
  const expected = [200, 503, 500, 400, 503, 500, 500, 403, 429, 500, 503, 503, 404, 500, 503, 503, 401];
  assert.deepEqual(Object.values(grpcCodes).map(httpStatusOf), expected);
});

test('numbers that are no codes stand for an unknown failure', () => {
  assert.deepEqual([0, 16, 17, -1, 1.5, Number.NaN].map(grpcCodeOf), [0, 16, 2, 2, 2, 2]);
});

test('some codes say that trying again may help', () => {
  const retryable = Object.values(grpcCodes).filter((code) => isRetryableStatus({ code, message: '' }));
  assert.deepEqual(retryable, [1, 4, 10, 11, 14, 15]);
  assert.ok(isRetryableStatus({ code: grpcCodes.resourceExhausted, message: '', retryDelay: 1 }));
});

test('what was thrown becomes what a client is told', () => {
  const own = new GrpcError(grpcCodes.unauthenticated, 'who are you');
  const refused = new DeliveryError('later', { retryable: true, retryAfter: 2000 });
  const dropped = new DeliveryError('never', { retryable: false, cause: own });
  const contradictory = new DeliveryError('later', { retryable: true, cause: own });
  assert.equal(GrpcError.from(own), own);
  assert.equal(GrpcError.from(dropped), own);
  for (const [thrown, code, message, retryDelay] of [
    [refused, grpcCodes.unavailable, 'later', 2000],
    [contradictory, grpcCodes.unavailable, 'later', undefined],
    [new DeliveryError('never', { retryable: false, retryAfter: 5 }), grpcCodes.internal, 'never', undefined],
    [new TypeError('bug'), grpcCodes.internal, 'bug', undefined],
  ] as const) {
    const error = GrpcError.from(thrown);
    assert.deepEqual([error.code, error.message, error.retryDelay], [code, message, retryDelay]);
  }
});
