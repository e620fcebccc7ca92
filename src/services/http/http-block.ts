import { configBlock } from '../../runtime/config-block.ts';
import { bool, list, oneOf, secret, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import type { ArgumentsOf } from '../../schema/field.ts';
import { oneOfType, stringType } from '../../schema/types.ts';
import { isGiven } from '../../net/http-client-fields.ts';
import type { ServerTlsSettings } from '../../net/server-tls.ts';
import { textSource } from '../../net/text-source.ts';
import { tlsVersionNames, tlsVersions } from '../../net/tls-material.ts';
import type { HttpService } from './http-service.ts';

/** Cipher suites by the names that Go has for them; those of TLS 1.3 have the same name everywhere. */
const ciphers = {
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
} as const;

const curves = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const;

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table) as K[];
}

const tls = block('Serves the API over TLS.', {
  cert_pem: string('The certificate of the server.').default(''),
  cert_file: string('A file with the certificate. It is read again when it changes.').default(''),
  key_pem: secret('The key of the certificate.').optional(),
  key_file: string('A file with the key. It is read again when it changes.').default(''),
  client_ca_pem: string('Certificates that those of clients must come from.').default(''),
  client_ca_file: string('A file with such certificates. It is read again when it changes.').default(''),
  client_auth_type: oneOf(
    'What is wanted of the certificates of clients.',
    'NoClientCert',
    'RequestClientCert',
    'RequireAnyClientCert',
    'VerifyClientCertIfGiven',
    'RequireAndVerifyClientCert',
  ).default('NoClientCert'),
  cipher_suites: list('The cipher suites to allow, if not the usual ones.', oneOfType(keysOf(ciphers))).default([]),
  curve_preferences: list('The curves to allow, if not the usual ones.', oneOfType(keysOf(curves))).default([]),
  min_version: oneOf('The lowest version of TLS to accept.', ...tlsVersionNames).optional(),
  max_version: oneOf('The highest version of TLS to accept.', ...tlsVersionNames).optional(),
}).check((args) => {
  const hasKeyPem = isGiven(args.key_pem);
  const hasCa = args.client_ca_pem !== '' || args.client_ca_file !== '';
  if (args.cert_pem === '' && args.cert_file === '') return 'must specify either cert_pem or cert_file';
  if (!hasKeyPem && args.key_file === '') return 'must specify either key_pem or key_file';
  if (args.cert_pem !== '' && args.cert_file !== '') return 'cannot specify both cert_pem and cert_file';
  if (hasKeyPem && args.key_file !== '') return 'cannot specify both key_pem and key_file';
  if (args.client_ca_pem !== '' && args.client_ca_file !== '')
    return 'cannot specify both client_ca_pem and client_ca_file';
  if (hasCa && args.client_auth_type === 'NoClientCert')
    return 'cannot specify client_ca_pem or client_ca_file when client_auth_type is NoClientCert';
  return undefined;
});

const auth = block('Asks clients for a user and a password.', {
  basic: block('Who may use the API.', {
    username: string('The user.'),
    password: secret('The password.'),
  }).optional(),
  filter: block('Which paths are protected; all if absent.', {
    paths: list('Paths begin with one of these. Without any, all paths are protected.', stringType).default([]),
    authenticate_matching_paths: bool('Protect those paths, rather than all others.').default(true),
  }).defaults(),
});

const httpFields = { auth: auth.optional(), tls: tls.optional() };

type HttpArgs = ArgumentsOf<typeof httpFields>;

/** The `http` block, which configures how the API is served. */
export function httpBlock(service: HttpService) {
  return configBlock({
    name: 'http',
    stability: 'generally-available',
    doc: 'Configures who may use the HTTP API, and how it is secured.',
    example: `http {
  auth {
    basic {
      username = "admin"
      password = sys.env("ADMIN_PASSWORD")
    }
    filter {
      paths                       = ["/metrics", "/-/ready"]
      authenticate_matching_paths = false
    }
  }
}
`,
    arguments: httpFields,
    apply(args) {
      const basic = args.auth?.basic;
      const filter = args.auth?.filter;
      service.configure(
        basic && {
          ...basic,
          paths: filter?.paths ?? [],
          protectsMatchingPaths: filter?.authenticate_matching_paths ?? true,
        },
        args.tls && tlsSettings(args.tls),
      );
    },
  });
}

function tlsSettings(args: NonNullable<HttpArgs['tls']>): ServerTlsSettings {
  const { min_version: min, max_version: max, cipher_suites: suites, curve_preferences: preferred } = args;
  return {
    sources: {
      cert: textSource(args.cert_pem, args.cert_file),
      key: textSource(args.key_pem, args.key_file),
      ca: textSource(args.client_ca_pem, args.client_ca_file),
    },
    clientAuth: args.client_auth_type,
    options: {
      ...(min === undefined ? {} : { minVersion: tlsVersions[min] }),
      ...(max === undefined ? {} : { maxVersion: tlsVersions[max] }),
      ...(suites.length === 0 ? {} : { ciphers: suites.map((name) => ciphers[name]).join(':') }),
      ...(preferred.length === 0 ? {} : { ecdhCurve: preferred.map((name) => curves[name]).join(':') }),
    },
  };
}
