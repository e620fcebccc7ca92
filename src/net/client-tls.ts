import type { SecureContextOptions } from 'node:tls';
import type { TlsConfigArgs } from './http-client-fields.ts';
import { textSource } from './text-source.ts';
import { tlsVersions, type TlsSources } from './tls-material.ts';

/** How a client makes TLS connections. */
export interface ClientTls {
  /** The authority is for the certificates of servers. */
  readonly sources: TlsSources;
  /** The name in the certificate of the server; empty for the host that is connected to. */
  readonly serverName: string;
  /** Whether the certificate of the server must be trusted. */
  readonly verifiesServer: boolean;
  /** Versions, ciphers and curves. */
  readonly options: SecureContextOptions;
}

/** What a `tls_config` block says, or none. */
export function clientTls(args: TlsConfigArgs | undefined): ClientTls {
  return {
    sources: {
      ca: textSource(args?.ca_pem, args?.ca_file ?? ''),
      cert: textSource(args?.cert_pem, args?.cert_file ?? ''),
      key: textSource(args?.key_pem, args?.key_file ?? ''),
    },
    serverName: args?.server_name ?? '',
    verifiesServer: !(args?.insecure_skip_verify ?? false),
    options: args?.min_version === undefined ? {} : { minVersion: tlsVersions[args.min_version] },
  };
}
