import { configBlock } from '../../runtime/config-block.ts';
import { bool, list, oneOf, secret, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import type { ArgumentsOf } from '../../schema/field.ts';
import { oneOfType, stringType } from '../../schema/types.ts';
import type { ServerTlsSettings } from '../../net/server-tls.ts';
import {
  checkServerCertificate,
  cipherList,
  cipherSuites,
  serverCertificateFields,
  serverCertificateSources,
} from '../../net/server-tls-fields.ts';
import { tlsVersionNames, tlsVersions } from '../../net/tls-material.ts';
import type { HttpService } from './http-service.ts';

const curves = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const;

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table) as K[];
}

const tls = block('Serves the API over TLS.', {
  ...serverCertificateFields,
  cipher_suites: list('The cipher suites to allow, if not the usual ones.', oneOfType(keysOf(cipherSuites))).default(
    [],
  ),
  curve_preferences: list('The curves to allow, if not the usual ones.', oneOfType(keysOf(curves))).default([]),
  min_version: oneOf('The lowest version of TLS to accept.', ...tlsVersionNames).optional(),
  max_version: oneOf('The highest version of TLS to accept.', ...tlsVersionNames).optional(),
}).check(checkServerCertificate);

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
    sources: serverCertificateSources(args),
    clientAuth: args.client_auth_type,
    options: {
      ...(min === undefined ? {} : { minVersion: tlsVersions[min] }),
      ...(max === undefined ? {} : { maxVersion: tlsVersions[max] }),
      ...(suites.length === 0 ? {} : { ciphers: cipherList(suites) }),
      ...(preferred.length === 0 ? {} : { ecdhCurve: preferred.map((name) => curves[name]).join(':') }),
    },
  };
}
