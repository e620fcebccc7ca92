import { ParseError } from '../../../base/parse-error.ts';
import { parseGrpcTarget, showGrpcTarget, type GrpcTarget } from '../../../net/grpc/grpc-target.ts';
import { attribute, bool, bytes, duration, oneOf, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { parsedType } from '../../../schema/types.ts';
import { clientAuth } from '../auth-handler.ts';
import { clientHeaders } from '../client-fields.ts';
import { debugMetricsBlock } from '../debug-metrics-block.ts';
import { retryBlock, sendingQueueBlock } from '../sending-queue/fields.ts';
import { clientTlsBlock, isTlsWanted } from '../tls-block.ts';

interface Endpoint {
  readonly target: GrpcTarget;
  /** Whether it began with `https://`, which wants TLS whatever else is said. */
  readonly isHttps: boolean;
}

const endpointType = parsedType<Endpoint>({
  name: 'string',
  parse(text) {
    const target = parseGrpcTarget(text);
    return target instanceof ParseError ? target : { target, isHttps: text.startsWith('https://') };
  },
  encode: ({ target, isHttps }) => `${isHttps ? 'https://' : ''}${showGrpcTarget(target)}`,
});

const notNegative = (value: number): string | undefined => (value >= 0 ? undefined : 'must not be negative');

const clientBlock = block('How requests are sent.', {
  endpoint: attribute('The server, as `host:port`. The port is 443 if it is missing.', endpointType),
  compression: oneOf(
    'How requests are compressed. `zlib` is refused, as in Alloy, since gRPC does not have it.',
    'gzip',
    'zlib',
    'deflate',
    'snappy',
    'zstd',
    'none',
    '',
  )
    .default('gzip')
    .check((name) => (name === 'zlib' ? 'unsupported compression type "zlib"' : undefined)),
  tls: clientTlsBlock.optional(),
  keepalive: block('How it is found out whether a connection still stands.', {
    ping_wait: duration('How long a connection is quiet before the server is asked; at least 10 seconds.')
      .default(0)
      .check(notNegative),
    ping_response_timeout: duration('How long the server may take to answer.').default(0).check(notNegative),
    ping_without_stream: bool('Whether that is done without requests under way, too.').default(false),
  }).optional(),
  read_buffer_size: bytes('Without effect: buffers grow as they are needed.').default(0),
  write_buffer_size: bytes('Without effect.').default(512 * 1024),
  wait_for_ready: bool('Whether an attempt waits for a connection; otherwise it fails while none can be made.').default(
    false,
  ),
  headers: clientHeaders('Metadata to send with each request. What gRPC sets itself is left out, as in Alloy.'),
  balancer_name: oneOf(
    'Whether requests go around all addresses that the name of the server has, or to the first that can be had.',
    'round_robin',
    'pick_first',
  ).default('round_robin'),
  authority: string('What the server is called in requests; its endpoint if empty.').default(''),
  auth: clientAuth('Who sends: the `handler` of an `otelcol.auth` component that works for clients.').optional(),
}).check((args) => {
  const isSecure = usesTls(args);
  return args.auth !== undefined && !isSecure ? 'auth needs TLS: credentials are not sent without it' : undefined;
});

/** Whether connections are secured. */
export function usesTls({
  endpoint,
  tls,
}: {
  readonly endpoint: Endpoint;
  readonly tls: Parameters<typeof isTlsWanted>[0];
}): boolean {
  return endpoint.isHttps || isTlsWanted(tls);
}

/** Headers that gRPC sets itself, and those that connections of HTTP/1 have, for which a server would end the call. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-type',
  'grpc-encoding',
  'grpc-message',
  'grpc-message-type',
  'grpc-status',
  'grpc-timeout',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** The arguments with the headers that can be sent. */
export function withSendableHeaders(args: OtlpArgs): OtlpArgs {
  const headers = [...args.client.headers].filter(([name]) => !reservedHeaders.has(name.toLowerCase()));
  return { ...args, client: { ...args.client, headers: new Map(headers) } };
}

export const otlpFields = {
  client: clientBlock,
  timeout: duration('How long one attempt may take; 0 for any time.').default(5000).check(notNegative),
  sending_queue: sendingQueueBlock,
  retry_on_failure: retryBlock,
  debug_metrics: debugMetricsBlock,
};

export type OtlpArgs = ArgumentsOf<typeof otlpFields>;
