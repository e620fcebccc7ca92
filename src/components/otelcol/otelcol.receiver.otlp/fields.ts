import type { ArgumentsOf } from '../../../schema/field.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { attribute, bool, bytes, duration, integer, list, oneOf } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import { parsedType, stringType } from '../../../schema/types.ts';
import { parseListenAddress, showListenAddress, type ListenAddress } from '../../../net/listen-address.ts';
import { serverAuth } from '../auth-handler.ts';
import { debugMetricsBlock } from '../debug-metrics-block.ts';
import { outputBlock } from '../output-block.ts';
import { serverTlsBlock } from '../tls-block.ts';

const mebibyte = 1024 * 1024;

const addressType = parsedType<ListenAddress>({
  name: 'string',
  parse: parseListenAddress,
  encode: showListenAddress,
});

const pathType = parsedType<string>({
  name: 'string',
  parse: (text) => (URL.canParse(text, 'http://host') ? text : new ParseError('is not a path')),
  encode: (text) => text,
});

function address(port: number) {
  return attribute(
    'The address to listen on, as `host:port`. `0.0.0.0` takes connections from everywhere, `127.0.0.1` from this machine only.',
    addressType,
  ).default({ host: '0.0.0.0', port });
}

function path(signal: string, fallback: string) {
  return attribute(`The path that takes ${signal}.`, pathType)
    .default(fallback)
    .check((given) => (given === '' ? `${signal}_url_path cannot be empty` : undefined));
}

const auth = serverAuth(
  'Who may send: the `handler` of an `otelcol.auth` component that works for servers.',
).optional();
const includeMetadata = bool(
  'Whether the metadata or headers of requests go along with what they carry, for components that ask for them.',
).default(false);

const grpcBlock = block('Serves OTLP over gRPC.', {
  endpoint: address(4317),
  transport: oneOf('The kind of address.', 'tcp', 'tcp4', 'tcp6').default('tcp'),
  max_recv_msg_size: bytes(
    'The largest message, unpacked, in whole MiB: what is left over is cut off, as in Alloy. 4 MiB if that leaves nothing.',
  ).default(0),
  max_concurrent_streams: integer('How many calls a client may have open on a connection; 0 for any number.').default(
    0,
  ),
  read_buffer_size: bytes('Without effect: buffers grow as they are needed.').default(512 * 1024),
  write_buffer_size: bytes('Without effect.').default(0),
  include_metadata: includeMetadata,
  auth,
  tls: serverTlsBlock.optional(),
  keepalive: block('When connections are ended, and how often clients may ask whether they still stand.', {
    server_parameters: block('What the server does.', {
      max_connection_idle: duration('How long a connection may be without calls; 0 for any time.').default(0),
      max_connection_age: duration('How long a connection may be open; 0 for any time.').default(0),
      max_connection_age_grace: duration('How long calls may go on after that; 0 for any time.').default(0),
      time: duration(
        'Without a sign of life for that long, the client is asked for one; at least 1 second, and 2 hours if 0.',
      ).default(7_200_000),
      timeout: duration('How long it may take to answer; 20 seconds if 0.').default(20_000),
    }).optional(),
    enforcement_policy: block('What clients may do.', {
      min_time: duration('The shortest time between their pings; 5 minutes if 0.').default(300_000),
      permit_without_stream: bool('Whether they may ping without a call.').default(false),
    }).optional(),
  }).optional(),
});

const httpBlock = block('Serves OTLP over HTTP.', {
  endpoint: address(4318),
  traces_url_path: path('traces', '/v1/traces'),
  metrics_url_path: path('metrics', '/v1/metrics'),
  logs_url_path: path('logs', '/v1/logs'),
  max_request_body_size: bytes('The largest body, both as it comes and unpacked. 20 MiB if 0.').default(0),
  include_metadata: includeMetadata,
  compression_algorithms: list('The values of Content-Encoding to take; an empty one for no compression.', stringType)
    .default(['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4'])
    .check((given) => {
      const known = ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4'];
      const unknown = given.find((name) => !known.includes(name));
      return unknown === undefined ? undefined : `unknown algorithm ${JSON.stringify(unknown)}`;
    }),
  auth,
  tls: serverTlsBlock.optional(),
  cors: block('Which pages may send from a browser.', {
    allowed_origins: list('Origins, such as `https://app.example.com`; `*` stands for any text.', stringType).default(
      [],
    ),
    allowed_headers: list('Headers that may be sent beside the usual ones; `*` for any.', stringType).default([]),
    exposed_headers: list('Headers of answers that pages may read.', stringType).default([]),
    max_age: integer('How long browsers may remember the answer, in seconds; 0 leaves it to them.').default(0),
  }).optional(),
  keep_alives_enabled: bool('Whether connections stay open after a request.').default(true),
  idle_timeout: duration('How long a connection stays open without a request; 0 for any time.').default(60_000),
  read_header_timeout: duration('How long a client may take to send the head of a request; 0 for any time.').default(
    60_000,
  ),
  read_timeout: duration(
    'How long a client may take to send a request; 5 minutes if 0, where Alloy waits forever.',
  ).default(0),
  write_timeout: duration(
    'How long a client waits for its data to be accepted; then it is told to try again later. 0 for any time.',
  ).default(30_000),
});

export const otlpReceiverFields = {
  grpc: grpcBlock.optional(),
  http: httpBlock.optional(),
  debug_metrics: debugMetricsBlock,
  output: outputBlock('Where what was received goes. A kind without a list is not served.'),
};

export type OtlpReceiverArgs = ArgumentsOf<typeof otlpReceiverFields>;
export type GrpcArgs = NonNullable<OtlpReceiverArgs['grpc']>;
export type HttpArgs = NonNullable<OtlpReceiverArgs['http']>;

/** The largest message over gRPC. */
export function largestMessage({ max_recv_msg_size: given }: GrpcArgs): number {
  return Math.floor(given / mebibyte) * mebibyte || 4 * mebibyte;
}

/** The largest body over HTTP. */
export function largestBody({ max_request_body_size: given }: HttpArgs): number {
  return given || 20 * mebibyte;
}
