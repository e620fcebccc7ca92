import { attribute, bool, list, map, oneOf, secret, string, url } from '../schema/attributes.ts';
import { block } from '../schema/blocks.ts';
import type { ArgumentsOf, Attribute } from '../schema/field.ts';
import { listType, secretType, stringType, urlType } from '../schema/types.ts';
import type { Secret } from '../syntax/secret.ts';
import { http } from './node-http.ts';
import { tlsVersionNames } from './tls-material.ts';

/** Headers that the client sets itself, or that would change what a request means. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'transfer-encoding',
  'user-agent',
  'www-authenticate',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-prometheus-remote-read-version',
  'x-prometheus-remote-write-version',
  'x-prometheus-scrape-timeout-seconds',
]);

export type SecretHeaders = ReadonlyMap<string, readonly Secret[]>;

function secretHeaders(doc: string): Attribute<SecretHeaders> {
  return map(doc, listType(secretType)).default(new Map());
}

const proxyFields = {
  proxy_url: attribute('The proxy that requests go through, such as `http://user:password@host:3128`.', {
    ...urlType,
    encode(proxy) {
      const shown = new URL(proxy);
      if (shown.password !== '') shown.password = 'xxxxx';
      return shown.href;
    },
  }).optional(),
  no_proxy: string(
    'Hosts to reach without the proxy, with commas between them: names with their subdomains, addresses, CIDR ranges.',
  ).default(''),
  proxy_from_environment: bool('Use the proxies in HTTP_PROXY, HTTPS_PROXY and NO_PROXY.').default(false),
  proxy_connect_header: secretHeaders(
    'Headers for the proxy itself, sent when it is asked to connect to an https host.',
  ).check(checkHeaderTexts),
};

/** The `tls_config` block of clients. */
export const tlsConfig = block('How TLS connections are made.', {
  ca_pem: string('Certificates to trust, instead of those that the system trusts.').default(''),
  ca_file: string('A file with such certificates. It is read again when it changes.').default(''),
  cert_pem: string('The certificate that the client shows.').default(''),
  cert_file: string('A file with the certificate of the client. It is read again when it changes.').default(''),
  key_pem: secret('The key of the certificate of the client.').optional(),
  key_file: string('A file with that key. It is read again when it changes.').default(''),
  server_name: string('The name in the certificate of the server, if it is not the host in the URL.').default(''),
  insecure_skip_verify: bool('Accept any certificate of the server.').default(false),
  min_version: oneOf('The lowest version of TLS to accept.', ...tlsVersionNames).optional(),
}).check((args) => {
  const hasCert = args.cert_pem !== '' || args.cert_file !== '';
  const hasKey = isGiven(args.key_pem) || args.key_file !== '';
  return firstOf([
    [args.ca_pem !== '' && args.ca_file !== '', 'at most one of ca_pem and ca_file must be configured'],
    [args.cert_pem !== '' && args.cert_file !== '', 'at most one of cert_pem and cert_file must be configured'],
    [isGiven(args.key_pem) && args.key_file !== '', 'at most one of key_pem and key_file must be configured'],
    [hasCert && !hasKey, 'a certificate needs one of key_pem and key_file'],
    [hasKey && !hasCert, 'a key needs one of cert_pem and cert_file'],
  ]);
});

const basicAuth = block('A user and password to send with each request.', {
  username: string('The user.').default(''),
  password: secret('The password.').optional(),
  password_file: string('A file with the password. It is read again when it changes.').default(''),
}).check((args) =>
  firstOf([
    [
      isGiven(args.password) && args.password_file !== '',
      'at most one of password and password_file must be configured',
    ],
  ]),
);

const authorization = block('What to send as the Authorization header of each request.', {
  type: string('The kind of the credentials.').default('Bearer'),
  credentials: secret('The credentials.').optional(),
  credentials_file: string('A file with the credentials. It is read again when it changes.').default(''),
}).check((args) =>
  firstOf([
    [
      isGiven(args.credentials) && args.credentials_file !== '',
      'at most one of credentials and credentials_file must be configured',
    ],
    [args.type.trim().toLowerCase() === 'basic', 'authorization type cannot be "basic", use the basic_auth block'],
  ]),
);

const oauth2 = block('Gets a token from an OAuth 2.0 server by client credentials, and sends it with each request.', {
  client_id: string('The ID of the client.').default(''),
  client_secret: secret('The secret of the client.').optional(),
  client_secret_file: string('A file with the secret of the client. It is read again when it changes.').default(''),
  scopes: list('The scopes to ask for.', stringType).default([]),
  token_url: url('Where tokens are given out.').optional(),
  endpoint_params: map('Further parameters of the request for a token.', stringType).default(new Map()),
  ...proxyFields,
  tls_config: tlsConfig.optional(),
}).check((args) => {
  const isSecretGiven = isGiven(args.client_secret);
  return firstOf([
    [args.client_id === '', 'oauth2 needs a client_id'],
    [args.token_url === undefined, 'oauth2 needs a token_url'],
    [
      isSecretGiven === (args.client_secret_file !== ''),
      'exactly one of client_secret and client_secret_file must be configured',
    ],
    ...proxyRules(args),
  ]);
});

/** The HTTP client arguments that many components share; they spread them into their own. */
export const httpClientFields = {
  basic_auth: basicAuth.optional(),
  authorization: authorization.optional(),
  oauth2: oauth2.optional(),
  bearer_token: secret('A token to send with each request.').optional(),
  bearer_token_file: string('A file with the token. It is read again when it changes.').default(''),
  ...proxyFields,
  follow_redirects: bool('Follow redirects. Credentials are not sent on to other hosts.').default(true),
  enable_http2: bool('Has no effect: requests use HTTP/1.1.').default(true),
  http_headers: secretHeaders('Headers to send with each request.').check(checkHttpHeaders),
  tls_config: tlsConfig.optional(),
};

export type HttpClientArgs = ArgumentsOf<typeof httpClientFields>;
export type OAuth2Args = NonNullable<HttpClientArgs['oauth2']>;
export type TlsConfigArgs = ArgumentsOf<(typeof tlsConfig)['fields']>;
export type ProxyArgs = ArgumentsOf<typeof proxyFields>;

/** What is wrong with the arguments together. For the `check` of components that have them. */
export function checkHttpClient(args: HttpClientArgs): string | undefined {
  const methods = [
    args.basic_auth !== undefined,
    args.authorization !== undefined,
    args.oauth2 !== undefined,
    isGiven(args.bearer_token),
    args.bearer_token_file !== '',
  ];
  return firstOf([
    [
      methods.filter(Boolean).length > 1,
      'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured',
    ],
    ...proxyRules(args),
  ]);
}

/** Whether a secret is there; an empty one is as good as none. */
export function isGiven(value: Secret | undefined): value is Secret {
  return value !== undefined && value.reveal() !== '';
}

type Problem = readonly [isWrong: boolean, message: string];

function firstOf(problems: readonly Problem[]): string | undefined {
  return problems.find(([isWrong]) => isWrong)?.[1];
}

function proxyRules(args: ProxyArgs): readonly Problem[] {
  const hasUrl = args.proxy_url !== undefined;
  const isFromEnvironment = args.proxy_from_environment;
  const hasHeader = args.proxy_connect_header.size > 0;
  return [
    [isFromEnvironment && hasUrl, 'proxy_url must not be configured together with proxy_from_environment'],
    [isFromEnvironment && args.no_proxy !== '', 'no_proxy must not be configured together with proxy_from_environment'],
    [args.no_proxy !== '' && !hasUrl, 'no_proxy needs proxy_url'],
    [hasHeader && !hasUrl && !isFromEnvironment, 'proxy_connect_header needs proxy_url or proxy_from_environment'],
  ];
}

function checkHttpHeaders(headers: SecretHeaders): string | undefined {
  const reserved = headers.keys().find((name) => reservedHeaders.has(name.toLowerCase()));
  return reserved === undefined ? checkHeaderTexts(headers) : `header ${JSON.stringify(reserved)} cannot be set`;
}

function checkHeaderTexts(headers: SecretHeaders): string | undefined {
  for (const [name, values] of headers) {
    const problem = headerProblem(name, ...values.map((value) => value.reveal()));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with a header of one or more values, if anything is. The message does not show values. */
export function headerProblem(name: string, ...values: readonly string[]): string | undefined {
  const shown = JSON.stringify(name);
  if (!isValid(() => http.validateHeaderName(name))) return `${shown} is not a valid header name`;
  if (values.every((value) => isValid(() => http.validateHeaderValue(name, value)))) return undefined;
  return `the value of header ${shown} has characters that headers cannot have`;
}

function isValid(validate: () => void): boolean {
  try {
    validate();
    return true;
  } catch {
    return false;
  }
}
