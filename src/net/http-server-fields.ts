import { ParseError } from '../base/parse-error.ts';
import { attribute, bool, bytes, duration, integer, oneOf, string } from '../schema/attributes.ts';
import { block } from '../schema/blocks.ts';
import type { ArgumentsOf } from '../schema/field.ts';
import { parsedType } from '../schema/types.ts';
import type { ServerSettings } from './followed-server.ts';
import { defaultLimits, type HttpServerLimits } from './http-server.ts';
import type { ServerTlsSettings } from './server-tls.ts';
import {
  checkServerCertificate,
  cipherList,
  cipherSuites,
  serverCertificateFields,
  serverCertificateSources,
  type CipherSuite,
} from './server-tls-fields.ts';
import { tlsVersions } from './tls-material.ts';

/** Names of versions in these blocks have a prefix that those of other blocks lack. */
const versions = {
  VersionTLS10: tlsVersions.TLS10,
  VersionTLS11: tlsVersions.TLS11,
  VersionTLS12: tlsVersions.TLS12,
  VersionTLS13: tlsVersions.TLS13,
  ...tlsVersions,
} as const;

const suitesType = parsedType<readonly CipherSuite[]>({
  name: 'string',
  zero: [],
  parse(text) {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.find((name) => name !== '' && !Object.hasOwn(cipherSuites, name));
    if (unknown !== undefined) return new ParseError(`unknown cipher suite ${JSON.stringify(unknown)}`);
    return names.filter((name) => name !== '') as CipherSuite[];
  },
  encode: (suites) => suites.join(','),
});

const tls = block('Serves over TLS.', {
  ...serverCertificateFields,
  client_ca: string('Another name of `client_ca_pem`.').default(''),
  cipher_suites: attribute(
    'The cipher suites to allow, with commas between them, if not the usual ones.',
    suitesType,
  ).default([]),
  min_version: oneOf(
    'The lowest version of TLS to accept.',
    ...(Object.keys(versions) as (keyof typeof versions)[]),
  ).optional(),
}).check(({ client_ca: ca, ...args }) => {
  if (ca !== '' && args.client_ca_pem !== '') return 'cannot specify both client_ca and client_ca_pem';
  return checkServerCertificate({ ...args, client_ca_pem: ca === '' ? args.client_ca_pem : ca });
});

/** The `http` block of components that are servers. A time of 0 is no limit. */
export const httpServerBlock = block('The server.', {
  listen_address: string(
    'The address to listen on. All addresses of the machine if empty, so that other machines can connect; `127.0.0.1` takes connections from this machine only.',
  ).default(''),
  listen_port: integer('The port to listen on; 0 for a free one.')
    .default(8080)
    .check((port) => (port >= 0 && port <= 65_535 ? undefined : 'must be from 0 to 65535')),
  conn_limit: integer('How many connections may be open at once; further ones are closed. 0 for any number.')
    .default(0)
    .check(notNegative),
  server_read_timeout: duration('How long a client may take to send a request.').default(30_000).check(notNegative),
  server_write_timeout: duration('How long a client waits for the answer at most; then it is told to try again later.')
    .default(30_000)
    .check(notNegative),
  server_idle_timeout: duration('How long a connection stays open without a request.')
    .default(120_000)
    .check(notNegative),
  tls: tls.optional(),
  http2: block('Settings of HTTP/2, without effect: the server speaks HTTP/1.1, which clients fall back to.', {
    enabled: bool('Without effect.').default(false),
    max_handlers: integer('Without effect.').default(0),
    max_concurrent_streams: integer('Without effect.').default(100),
    max_decoder_header_table_size: integer('Without effect.').default(4096),
    max_encoder_header_table_size: integer('Without effect.').default(4096),
    max_read_frame_size: integer('Without effect.').default(0),
    permit_prohibited_ciphers: bool('Without effect.').default(false),
    idle_timeout: duration('Without effect.').default(0),
    read_idle_timeout: duration('Without effect.').default(0),
    ping_timeout: duration('Without effect.').default(15_000),
    write_byte_timeout: duration('Without effect.').default(0),
    max_upload_buffer_per_connection: integer('Without effect.').default(0),
    max_upload_buffer_per_stream: integer('Without effect.').default(0),
  }).optional(),
});

/** The `grpc` block of components that are servers, which is taken and ignored: nothing is served over gRPC. */
export const ignoredGrpcBlock = block(
  'Without effect: nothing is served over gRPC, so that no such server is started.',
  {
    listen_address: string('Without effect.').default(''),
    listen_port: integer('Without effect.').default(0),
    conn_limit: integer('Without effect.').default(0),
    max_connection_age: duration('Without effect.').optional(),
    max_connection_age_grace: duration('Without effect.').optional(),
    max_connection_idle: duration('Without effect.').optional(),
    server_max_recv_msg_size: bytes('Without effect.').optional(),
    server_max_send_msg_size: bytes('Without effect.').optional(),
    server_max_concurrent_streams: integer('Without effect.').default(100),
  },
);

export type HttpServerArgs = ArgumentsOf<(typeof httpServerBlock)['fields']>;

export type HttpServerSettings = ServerSettings<HttpServerLimits>;

export function serverSettings(args: HttpServerArgs): HttpServerSettings {
  return {
    address: { host: args.listen_address, port: args.listen_port },
    limits: {
      ...defaultLimits,
      requestTimeout: args.server_read_timeout,
      // As in Go, which has no limit of its own for headers and none for idle connections if that is 0.
      keepAliveTimeout: args.server_idle_timeout === 0 ? args.server_read_timeout : args.server_idle_timeout,
      maxConnections: args.conn_limit,
    },
    tls: args.tls && tlsSettings(args.tls),
  };
}

function tlsSettings(args: NonNullable<HttpServerArgs['tls']>): ServerTlsSettings {
  const { client_ca: ca, min_version: min, cipher_suites: suites } = args;
  return {
    sources: serverCertificateSources(ca === '' ? args : { ...args, client_ca_pem: ca }),
    clientAuth: args.client_auth_type,
    options: {
      ...(min === undefined ? {} : { minVersion: versions[min] }),
      ...(suites.length === 0 ? {} : { ciphers: cipherList(suites) }),
    },
  };
}

function notNegative(value: number): string | undefined {
  return value >= 0 ? undefined : 'must not be negative';
}
