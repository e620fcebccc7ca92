import { bool, bytes, duration, integer, oneOf } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { clientAuth } from '../auth-handler.ts';
import { clientHeaders, urlOrEmpty } from '../client-fields.ts';
import { debugMetricsBlock } from '../debug-metrics-block.ts';
import { retryBlock, sendingQueueBlock } from '../sending-queue/fields.ts';
import { clientTlsBlock } from '../tls-block.ts';

/** The levels of each way to compress; those of the others cannot be chosen. */
const levels: Readonly<Record<string, readonly [lowest: number, highest: number]>> = {
  gzip: [-2, 9],
  zlib: [-2, 9],
  deflate: [-2, 9],
  zstd: [-Infinity, Infinity],
};

const notNegative = (value: number): string | undefined => (value >= 0 ? undefined : 'must not be negative');

const clientBlock = block('How requests are sent.', {
  endpoint: urlOrEmpty(
    'The URL of the server, to which `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. May be empty if there are others for what is sent.',
  ),
  proxy_url: urlOrEmpty(
    'The proxy that requests go through. If empty, those of the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
  ).default(undefined),
  compression: oneOf(
    'How requests are compressed. `deflate` is the same as `zlib`.',
    'gzip',
    'zlib',
    'deflate',
    'snappy',
    'zstd',
    'none',
    '',
  ).default('gzip'),
  compression_params: block('How well requests are compressed.', {
    level: integer(
      'The level: up to 9 for `gzip`, `zlib` and `deflate`, and any for `zstd`, which knows 1 to 22. The higher, the smaller and slower.',
    ),
  }).optional(),
  tls: clientTlsBlock.optional(),
  read_buffer_size: bytes('Without effect: buffers grow as they are needed.').default(0),
  write_buffer_size: bytes('Without effect.').default(512 * 1024),
  timeout: duration('How long one attempt may take; 0 for any time.').default(30_000).check(notNegative),
  headers: clientHeaders(
    'Headers to send with each request. `Host` is what the server is called in it. Those that tell about its body cannot be replaced.',
  ),
  max_idle_conns: integer('How many idle connections are kept, where `max_idle_conns_per_host` does not say it.')
    .default(100)
    .check(notNegative),
  max_idle_conns_per_host: integer('How many idle connections to a host are kept; 0 for as many as in all.')
    .default(0)
    .check(notNegative),
  max_conns_per_host: integer('How many connections to a host there may be; 0 for any number.')
    .default(0)
    .check(notNegative),
  idle_conn_timeout: duration('How long an idle connection is kept; 0 for any time.')
    .default(90_000)
    .check(notNegative),
  disable_keep_alives: bool('Whether each request gets a connection of its own.').default(false),
  http2_read_idle_timeout: duration('Without effect: requests use HTTP/1.1.').default(0),
  http2_ping_timeout: duration('Without effect.').default(15_000),
  force_attempt_http2: bool('Without effect.').default(true),
  auth: clientAuth('Who sends: the `handler` of an `otelcol.auth` component that works for clients.').optional(),
  cookies: block('Has cookies of the server sent back to it, as load balancers with sticky sessions need it.', {
    enabled: bool('Whether that is done. Alloy does it whatever is said here.').default(true),
  }).optional(),
}).check(({ compression, compression_params: params }) => {
  if (params === undefined || params.level === 0) return undefined;
  const [lowest, highest] = levels[compression] ?? [0, 0];
  const isKnown = params.level >= lowest && params.level <= highest;
  return isKnown ? undefined : `unsupported parameters {Level:${params.level}} for compression type "${compression}"`;
});

export const otlpHttpFields = {
  client: clientBlock,
  traces_endpoint: urlOrEmpty('The whole URL for traces, if it is another one.').default(undefined),
  metrics_endpoint: urlOrEmpty('The whole URL for metrics, if it is another one.').default(undefined),
  logs_endpoint: urlOrEmpty('The whole URL for logs, if it is another one.').default(undefined),
  encoding: oneOf('Whether requests are protobuf or JSON.', 'proto', 'json').default('proto'),
  sending_queue: sendingQueueBlock,
  retry_on_failure: retryBlock,
  debug_metrics: debugMetricsBlock,
};

export type OtlpHttpArgs = ArgumentsOf<typeof otlpHttpFields>;
export type HttpClientBlockArgs = OtlpHttpArgs['client'];
