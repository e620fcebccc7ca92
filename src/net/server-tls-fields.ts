import { oneOf, secret, string } from '../schema/attributes.ts';
import type { ArgumentsOf } from '../schema/field.ts';
import { isGiven } from './http-client-fields.ts';
import { textSource } from './text-source.ts';
import type { TlsSources } from './tls-material.ts';

/** The arguments of the `tls` blocks of servers that all of them have; they spread them into their own. */
export const serverCertificateFields = {
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
};

export type ServerCertificateArgs = ArgumentsOf<typeof serverCertificateFields>;

/** What is wrong with them together. */
export function checkServerCertificate(args: ServerCertificateArgs): string | undefined {
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
}

export function serverCertificateSources(args: ServerCertificateArgs): TlsSources {
  return {
    cert: textSource(args.cert_pem, args.cert_file),
    key: textSource(args.key_pem, args.key_file),
    ca: textSource(args.client_ca_pem, args.client_ca_file),
  };
}

/** Cipher suites by the names that Go has for them; those of TLS 1.3 have the same name everywhere. */
export const cipherSuites = {
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

export type CipherSuite = keyof typeof cipherSuites;

/** How OpenSSL wants a list of cipher suites. */
export function cipherList(suites: readonly CipherSuite[]): string {
  return suites.map((name) => cipherSuites[name]).join(':');
}
