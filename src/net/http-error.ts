import { messageOf } from '../base/message-of.ts';

/**
 * Why there is no response. `connect`: no connection to the peer; `tls`: it is not trusted, or does not trust us; `proxy`:
 * the proxy does not lead to it; `connection`: lost on the way; `credentials`: there are none to send; `redirect`: it
 * leads nowhere; `request`: it cannot be sent as it is, whoever the peer is.
 */
export type HttpErrorKind =
  | 'connect'
  | 'tls'
  | 'proxy'
  | 'connection'
  | 'timeout'
  | 'aborted'
  | 'credentials'
  | 'redirect'
  | 'request';

/** A request that got no response. The message names the peer and never holds a secret. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly kind: HttpErrorKind;

  constructor(kind: HttpErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** A URL for messages: what it names, without user, password and query, which often hold secrets. */
export function shownUrl(url: URL): string {
  return url.origin + url.pathname;
}

const connectCodes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
]);

const requestCodes: ReadonlySet<string> = new Set([
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_HTTP_INVALID_HEADER_VALUE',
]);

const tlsCodes =
  /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|CRL_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** What was thrown during a request, as an HttpError that says which request it was. */
export function toHttpError(method: string, url: URL, thrown: unknown): HttpError {
  const error = thrown instanceof AggregateError ? (thrown.errors.at(-1) as unknown) : thrown;
  return new HttpError(kindOf(error), `${method} ${shownUrl(url)}: ${messageOf(error)}`, error);
}

function kindOf(thrown: unknown): HttpErrorKind {
  if (thrown instanceof HttpError) return thrown.kind;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (connectCodes.has(code)) return 'connect';
  if (requestCodes.has(code)) return 'request';
  return tlsCodes.test(code) ? 'tls' : 'connection';
}
