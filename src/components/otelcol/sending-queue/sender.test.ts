import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo } from '../../../base/log.ts';
import { openMetrics } from '../../../component/metrics.ts';
import { GrpcError, grpcCodes } from '../../../net/grpc/grpc-status.ts';
import { argumentsFrom } from '../../../testkit/arguments.ts';
import { numberedSpans } from '../../../testkit/otlp-collector.ts';
import { ScriptedTransport, sendFailure } from '../../../testkit/scripted-transport.ts';
import { until } from '../../../testkit/until.ts';
import { retryBlock } from './fields.ts';
import { exporterMetrics, metersByKind } from './metrics.ts';
import { deliveryError, Sender } from './sender.ts';
import type { SendFailure, SendResult } from './transport.ts';

/** Fails each time with another message, so that each wait is logged. */
class Failing extends ScriptedTransport {
  readonly #failure: Partial<SendFailure>;

  constructor(failure: Partial<SendFailure> = {}) {
    super();
    this.#failure = failure;
  }

  override send(batch: Parameters<ScriptedTransport['send']>[0], signal: AbortSignal): Promise<SendResult> {
    this.script = sendFailure({ message: `failure ${this.attempts.length}`, ...this.#failure });
    return super.send(batch, signal);
  }
}

/** The waits between attempts, as they are logged. */
async function waits(retry: string, random: number, count: number, failure?: Partial<SendFailure>): Promise<unknown[]> {
  const { meters } = openMetrics(exporterMetrics(['server_address', 'server_port']));
  const logged: unknown[] = [];
  const log = logTo((_level, _message, { interval }) => void logged.push(interval));
  const transport = new Failing(failure);
  const args = argumentsFrom({ retry_on_failure: retryBlock }, `retry_on_failure {\n${retry}\n}`).retry_on_failure;
  const sender = new Sender(transport, args, { meters: metersByKind(meters, 'test'), log, random: () => random });
  const sending = sender.send(numberedSpans(1));
  await until(() => logged.length >= count);
  sender.stop();
  await sending;
  return logged.slice(0, count);
}

const intervals: readonly (readonly [retry: string, random: number, wanted: readonly string[]])[] = [
  ['initial_interval = "2ms"\nmultiplier = 2\nmax_interval = "7ms"\nrandomization_factor = 0', 0.9, ['2ms', '4ms', '7ms', '7ms']],
  ['initial_interval = "2ms"\nmultiplier = 2\nmax_interval = "8ms"', 0, ['1ms', '2ms', '4ms', '4ms']],
  ['initial_interval = "2ms"\nmultiplier = 2\nmax_interval = "8ms"', 1, ['3ms', '6ms', '12ms']],
  ['initial_interval = "9ms"\nmax_interval = "1ms"\nrandomization_factor = 0', 0, ['9ms', '1ms', '1ms']],
  ['initial_interval = "1h"', 0.5, ['1h0m0s']],
  ['', 0.5, ['5s']],
  ['', 0, ['2.5s']],
  ['', 1, ['7.5s']],
]; // prettier-ignore
for (const [retry, random, wanted] of intervals) {
  test(`the waits are ${wanted.join(', ')} at ${random} with ${JSON.stringify(retry)}`, async () => {
    const endless = retry.includes('1h') ? `${retry}\nmax_elapsed_time = "0s"` : retry;
    assert.deepEqual(await waits(endless, random, wanted.length), wanted);
  });
}

const asked: readonly (readonly [retryAfter: number, wanted: string])[] = [
  [1000, '5s'],
  [20_000, '20s'],
  [86_400_000, '1h0m0s'],
];
for (const [retryAfter, wanted] of asked) {
  test(`a server that asks to wait ${retryAfter} ms is tried again after ${wanted}`, async () => {
    assert.deepEqual(await waits('max_elapsed_time = "0s"', 0.5, 1, { retryAfter }), [wanted]);
  });
}

for (const [kind, field] of [
  ['traces', 'dropped_spans'],
  ['metrics', 'dropped_data_points'],
  ['logs', 'dropped_log_records'],
] as const) {
  test(`what a server rejects of ${kind} that it takes is told once, and it is delivered`, async () => {
    const { meters } = openMetrics(exporterMetrics(['server_address', 'server_port']));
    const logged: unknown[] = [];
    const log = logTo((level, message, fields) => void logged.push([level, message, fields]));
    const transport = new ScriptedTransport();
    transport.send = () => Promise.resolve({ isDelivered: true, rejected: 2, message: 'no names' });
    const args = argumentsFrom({ retry_on_failure: retryBlock }, '').retry_on_failure;
    const sender = new Sender(transport, args, { meters: metersByKind(meters, 'test'), log });
    for (const _ of [1, 2]) assert.equal(await sender.send({ ...numberedSpans(5), kind }), undefined);
    assert.deepEqual(logged, [['warn', 'Partial success response', { message: 'no names', [field]: 2 }]]);
    assert.equal(meters.dropped.with('test', kind, 'partial_success').value, 4);
    assert.equal(meters[`sent_${kind}`].with('test', 'test', '1').value, 10);
  });
}

const statuses: readonly (readonly [failure: Partial<SendFailure>, code: number, retryDelay: number | undefined])[] = [
  [{ type: 'InvalidArgument', isRetryable: false }, grpcCodes.invalidArgument, undefined],
  [{ type: 'PermissionDenied', isRetryable: false }, grpcCodes.permissionDenied, undefined],
  [{ type: 'Unavailable' }, grpcCodes.unavailable, undefined],
  [{ type: 'ResourceExhausted', retryAfter: 2000 }, grpcCodes.resourceExhausted, 2000],
  // Who says no for good may be asked again here all the same.
  [{ type: 'Unknown' }, grpcCodes.unavailable, undefined],
  [{ type: '_OTHER' }, grpcCodes.unavailable, undefined],
  [{ type: '_OTHER', isRetryable: false }, grpcCodes.internal, undefined],
  [{ type: 'Deadline_Exceeded' }, grpcCodes.unavailable, undefined],
];
for (const [failure, code, retryDelay] of statuses) {
  test(`a client behind which there is no queue is told ${code} of ${JSON.stringify(failure)}`, () => {
    const told = GrpcError.from(deliveryError(sendFailure(failure)));
    assert.deepEqual([told.code, told.retryDelay, told.message], [code, retryDelay, 'it fails']);
  });
}
