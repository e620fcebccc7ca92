import { getCACertificates, type SecureContextOptions } from 'node:tls';
import type { ClientTls } from '../../net/client-tls.ts';
import { isGiven } from '../../net/http-client-fields.ts';
import { cipherList, cipherSuites, type CipherSuite } from '../../net/server-tls-fields.ts';
import type { ServerTlsSettings } from '../../net/server-tls.ts';
import { textSource, type TextSource } from '../../net/text-source.ts';
import { tlsVersions, type TlsSources } from '../../net/tls-material.ts';
import { bool, duration, list, oneOf, secret, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import type { ArgumentsOf } from '../../schema/field.ts';
import { oneOfType } from '../../schema/types.ts';

/** Versions by the names of these blocks; empty for the usual limit. */
const versions = {
  '': undefined,
  '1.0': tlsVersions.TLS10,
  '1.1': tlsVersions.TLS11,
  '1.2': tlsVersions.TLS12,
  '1.3': tlsVersions.TLS13,
} as const;

const versionNames = Object.keys(versions) as readonly (keyof typeof versions)[];

/** Curves by the names of these blocks. */
const curves = { X25519: 'X25519', P256: 'P-256', P384: 'P-384', P521: 'P-521' } as const;

const suiteNames = Object.keys(cipherSuites) as readonly CipherSuite[];

/** The suites of TLS 1.3, which cannot be chosen among, as in Go. */
const ofVersion13 = suiteNames.filter((name) => cipherSuites[name].startsWith('TLS_'));

/** Suites without forward secrecy, which Go calls insecure. */
const insecureSuites = suiteNames.filter((name) => name.startsWith('TLS_RSA_'));

const sharedFields = {
  cert_pem: string('The certificate to show.').default(''),
  cert_file: string('A file with the certificate. It is read again when it changes.').default(''),
  key_pem: secret('The key of the certificate.').optional(),
  key_file: string('A file with the key. It is read again when it changes.').default(''),
  min_version: oneOf('The lowest version of TLS to accept; 1.2 if empty.', ...versionNames).default(''),
  max_version: oneOf('The highest version of TLS to accept; 1.3 if empty.', ...versionNames).default(''),
  reload_interval: duration('Without effect: files are always read again when they change.').default(0),
  cipher_suites: list(
    'The cipher suites to allow up to TLS 1.2, if not the usual ones. Those of TLS 1.3 are always allowed.',
    oneOfType(suiteNames),
  ).default([]),
  include_insecure_cipher_suites: bool('Whether `cipher_suites` may name suites without forward secrecy.').default(
    false,
  ),
  curve_preferences: list(
    'The curves to use, the preferred first, if not the usual ones.',
    oneOfType(Object.keys(curves) as readonly (keyof typeof curves)[]),
  ).default([]),
  tpm: block('A key in a Trusted Platform Module, which is not supported.', {
    enabled: bool('Must be false.')
      .default(false)
      .check((isEnabled) => (isEnabled ? 'must be false: keys in a TPM are not supported' : undefined)),
    path: string('Without effect.').default(''),
    owner_auth: secret('Without effect.').optional(),
    auth: secret('Without effect.').optional(),
  }).optional(),
};

const authorityFields = {
  ca_pem: string(
    'Certificates that those of the peer must come from, instead of those that the system trusts.',
  ).default(''),
  ca_file: string('A file with such certificates. It is read again when it changes.').default(''),
  include_system_ca_certs_pool: bool('Whether the certificates that the system trusts are trusted too.').default(false),
};

/** The `tls` block of clients. */
export const clientTlsBlock = block('How TLS connections are made.', {
  ...authorityFields,
  ...sharedFields,
  insecure: bool('Connect without TLS, unless `ca_pem` or `ca_file` is given.').default(false),
  insecure_skip_verify: bool('Accept any certificate of the server.').default(false),
  server_name: string('The name in the certificate of the server, if it is not the host of the endpoint.').default(''),
}).check(checkShared);

/** The `tls` block of servers. */
export const serverTlsBlock = block('Serves over TLS.', {
  ca_pem: string('Without effect, as in Alloy: see `client_ca_file`.').default(''),
  ca_file: string('Without effect, as in Alloy: see `client_ca_file`.').default(''),
  include_system_ca_certs_pool: bool('Without effect.').default(false),
  ...sharedFields,
  client_ca_file: string(
    'A file with certificates that those of clients must come from; clients need one then. It is read again when it changes.',
  ).default(''),
}).check((args) => {
  const isWhole = hasCertificate(args) && hasKey(args);
  return checkShared(args) ?? (isWhole ? undefined : 'a server needs a certificate and a key');
});

export type ClientTlsArgs = ArgumentsOf<(typeof clientTlsBlock)['fields']>;
export type ServerTlsArgs = ArgumentsOf<(typeof serverTlsBlock)['fields']>;
type SharedArgs = ArgumentsOf<typeof sharedFields> & ArgumentsOf<typeof authorityFields>;

/** Whether a client with these arguments uses TLS where the endpoint does not say so itself. */
export function isTlsWanted(args: ClientTlsArgs | undefined): boolean {
  return args === undefined || !args.insecure || hasAuthority(args);
}

/** How a client with these arguments makes TLS connections. */
export function clientTlsOf(args: ClientTlsArgs | undefined): ClientTls {
  if (args === undefined) return { sources: {}, serverName: '', verifiesServer: true, options: {} };
  const ca = textSource(args.ca_pem, args.ca_file);
  return {
    sources: {
      ...certificateOf(args),
      ca: ca !== undefined && args.include_system_ca_certs_pool ? withSystemCertificates(ca) : ca,
    },
    serverName: args.server_name,
    verifiesServer: !args.insecure_skip_verify,
    options: optionsOf(args),
  };
}

/** How a server with these arguments serves over TLS. */
export function serverTlsOf(args: ServerTlsArgs): ServerTlsSettings {
  const clientCa = textSource('', args.client_ca_file);
  return {
    sources: { ...certificateOf(args), ca: clientCa },
    clientAuth: clientCa === undefined ? 'NoClientCert' : 'RequireAndVerifyClientCert',
    options: optionsOf(args),
  };
}

function certificateOf(args: SharedArgs): TlsSources {
  return { cert: textSource(args.cert_pem, args.cert_file), key: textSource(args.key_pem, args.key_file) };
}

function optionsOf(args: SharedArgs): SecureContextOptions {
  const minVersion = versions[args.min_version];
  const maxVersion = versions[args.max_version];
  return {
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    // Without those of TLS 1.3 in the list, Node would not speak it.
    ...(args.cipher_suites.length === 0
      ? {}
      : { ciphers: cipherList([...new Set([...args.cipher_suites, ...ofVersion13])]) }),
    ...(args.curve_preferences.length === 0
      ? {}
      : { ecdhCurve: args.curve_preferences.map((name) => curves[name]).join(':') }),
  };
}

/** Equal texts of the given certificates make the same string, as sources promise. */
function withSystemCertificates(given: TextSource): TextSource {
  let last: string | undefined;
  let all = '';
  return {
    async read() {
      const text = await given.read();
      if (text !== last) {
        all = [text, ...getCACertificates('default')].join('\n');
        last = text;
      }
      return all;
    },
  };
}

function checkShared(args: SharedArgs): string | undefined {
  if (args.ca_pem !== '' && args.ca_file !== '') return 'at most one of ca_pem and ca_file must be configured';
  if (args.cert_pem !== '' && args.cert_file !== '') return 'at most one of cert_pem and cert_file must be configured';
  if (isGiven(args.key_pem) && args.key_file !== '') return 'at most one of key_pem and key_file must be configured';
  if (hasCertificate(args) && !hasKey(args)) return 'a certificate needs one of key_pem and key_file';
  if (hasKey(args) && !hasCertificate(args)) return 'a key needs one of cert_pem and cert_file';
  const insecure = args.cipher_suites.find((name) => insecureSuites.includes(name));
  if (insecure !== undefined && !args.include_insecure_cipher_suites)
    return `the cipher suite ${insecure} needs include_insecure_cipher_suites`;
  const { min_version: min, max_version: max } = args;
  return min !== '' && max !== '' && min > max ? 'min_version must not be higher than max_version' : undefined;
}

function hasAuthority(args: ClientTlsArgs): boolean {
  return args.ca_pem !== '' || args.ca_file !== '';
}

function hasCertificate(args: SharedArgs): boolean {
  return args.cert_pem !== '' || args.cert_file !== '';
}

function hasKey(args: SharedArgs): boolean {
  return isGiven(args.key_pem) || args.key_file !== '';
}
