import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { DeliveryError, type Consumer } from '../../../flow/delivery.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';
import { refuse } from '../../../testkit/collect.ts';
import { otlpMessage } from '../../../testkit/otlp-reference.ts';
import { startOtlpReceiver } from '../../../testkit/otlp-receiver.ts';
import { traceRequest } from '../../../testkit/otlp-samples.ts';
import { AuthRefusal, exportedAuthHandler, type ServerAuth } from '../auth-handler.ts';
import { grpcServices } from './grpc-methods.ts';

interface Answer {
  readonly code: grpc.status;
  readonly details: string;
  readonly message: string | undefined;
  readonly metadata: grpc.Metadata | undefined;
}

const asBytes = (value: Buffer): Buffer => value;
const ok: Answer = { code: grpc.status.OK, details: '', message: '0a00', metadata: undefined };

/** Calls an export method with the client of another implementation. */
async function callExport(
  address: string,
  kind: OtlpKind,
  message: Buffer,
  headers: Readonly<Record<string, string | string[]>> = {},
): Promise<Answer> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const metadata = grpc.Metadata.fromHttp2Headers(headers);
  const answer = await new Promise<Answer>((resolve) => {
    client.makeUnaryRequest(`/${grpcServices[kind]}/Export`, asBytes, asBytes, message, metadata, (error, response) =>
      resolve(
        error === null
          ? { ...ok, message: response?.toString('hex') }
          : { code: error.code, details: error.details, message: undefined, metadata: error.metadata },
      ),
    );
  });
  client.close();
  return answer;
}

/** The same where everything is refused. */
async function refusedWith(error: DeliveryError): Promise<Answer> {
  const to: Consumer<OtlpBatch> = refuse(error);
  await using receiver = await startOtlpReceiver({ grpc: '', to });
  return await callExport(receiver.address, 'traces', traceRequest());
}

test('calls are answered with what became of them', async () => {
  await using receiver = await startOtlpReceiver({ grpc: '', output: 'traces = [out]' });
  assert.deepEqual(await callExport(receiver.address, 'traces', traceRequest()), ok);
  assert.deepEqual(await callExport(receiver.address, 'traces', Buffer.alloc(0)), ok);
  assert.equal((await callExport(receiver.address, 'logs', Buffer.alloc(0))).code, grpc.status.UNIMPLEMENTED);
  assert.equal(
    (await callExport(receiver.address, 'traces', Buffer.from('0a05', 'hex'))).code,
    grpc.status.INVALID_ARGUMENT,
  );
  assert.equal(
    (await callExport(receiver.address, 'traces', Buffer.alloc(4 * 1024 * 1024 + 1))).code,
    grpc.status.RESOURCE_EXHAUSTED,
  );
  assert.equal(receiver.out.count, 10);
  const counted = receiver.component.metrics();
  assert.equal(counted['millrace_receiver_otlp_invalid_requests_total{transport="grpc",reason="malformed"}'], 1);
  assert.equal(counted['millrace_receiver_otlp_invalid_requests_total{transport="grpc",reason="too_large"}'], 1);
  const rpc = `rpc_system="grpc",rpc_service="${grpcServices.traces}",rpc_method="Export"`;
  assert.equal(counted[`rpc_server_duration_milliseconds_count{${rpc},rpc_grpc_status_code="0"}`], 2);
});

test('a refused batch is answered with a code that says whether to try again, and when', async () => {
  const later = await refusedWith(new DeliveryError('full', { retryable: true, retryAfter: 1500 }));
  assert.deepEqual([later.code, later.details], [grpc.status.UNAVAILABLE, 'full']);
  const [status] = later.metadata?.get('grpc-status-details-bin') ?? [];
  const { details } = otlpMessage('RpcStatus').decode(status as Buffer) as unknown as {
    readonly details: readonly { readonly type_url: string; readonly typeUrl: string; readonly value: Buffer }[];
  };
  assert.deepEqual(
    otlpMessage('RetryInfo')
      .decode(details[0]?.value ?? Buffer.alloc(0))
      .toJSON(),
    {
      retryDelay: { seconds: '1', nanos: 500_000_000 },
    },
  );
  assert.equal((await refusedWith(new DeliveryError('full', { retryable: true }))).code, grpc.status.UNAVAILABLE);
  assert.equal((await refusedWith(new DeliveryError('never', { retryable: false }))).code, grpc.status.INTERNAL);
});

test('metadata goes along where that is wanted', async () => {
  await using receiver = await startOtlpReceiver({ grpc: 'include_metadata = true' });
  await callExport(receiver.address, 'traces', traceRequest(), { 'x-tenant': 'a', 'x-list': ['b', 'c'] });
  const [batch] = receiver.out.batches;
  assert.equal(batch?.client?.address, '127.0.0.1');
  assert.deepEqual(batch.client.metadata.get('x-tenant'), ['a']);
  assert.deepEqual(batch.client.metadata.get('x-list'), ['b', 'c']);
  assert.deepEqual(batch.client.metadata.get('host'), [receiver.address]);
});

test('a call of someone who is not known ends with the code unauthenticated', async () => {
  const server: ServerAuth = { authenticate: () => Promise.resolve(new AuthRefusal('who are you')) };
  const handler = exportedAuthHandler('').type.encode({ id: 'x', client: undefined, server });
  await using receiver = await startOtlpReceiver({ grpc: 'auth = handler', names: { handler } });
  const { code, details } = await callExport(receiver.address, 'traces', traceRequest());
  assert.deepEqual([code, details, receiver.out.count], [grpc.status.UNAUTHENTICATED, 'who are you', 0]);
});

test('the limit of messages is whole mebibytes, as in Alloy', async () => {
  await using receiver = await startOtlpReceiver({ grpc: 'max_recv_msg_size = "500KiB"' });
  const message = traceRequest({ spans: 3000 });
  assert.ok(message.length > 1024 * 1024);
  assert.deepEqual(await callExport(receiver.address, 'traces', message), ok);
});
