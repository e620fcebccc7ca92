import type { Milliseconds } from '../base/duration.ts';
import type { HttpClient } from './http-client.ts';
import { HttpError, shownUrl } from './http-error.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';
import type { Expiring } from './token-cache.ts';

/** A token is replaced this long before it expires, so that it does not expire on the way. */
const expiryMargin: Milliseconds = 10_000;
const defaultTimeout: Milliseconds = 30_000;
const maxAnswerBytes = 1024 * 1024;

/** A request to someone who gives out tokens or keys. */
export interface TokenRequest {
  readonly url: URL;
  /** `POST` if there is a form, and otherwise `GET`, unless it is given. */
  readonly method?: string;
  readonly headers?: HttpHeaders;
  readonly form?: URLSearchParams;
  readonly json?: unknown;
  readonly timeout?: Milliseconds;
}

/** The fields of a JSON object. */
export type JsonFields = ReadonlyMap<string, unknown>;

/** Sends a request; rejects with an HttpError if there is no answer. */
export function askForToken(client: HttpClient, request: TokenRequest): Promise<HttpResponse> {
  const { url, form, json, headers = {}, timeout = defaultTimeout } = request;
  const text = form?.toString() ?? (json === undefined ? undefined : JSON.stringify(json));
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
  return client.request({
    method: request.method ?? (text === undefined ? 'GET' : 'POST'),
    url,
    headers: { accept: 'application/json', ...(text === undefined ? {} : { 'content-type': type }), ...headers },
    body: text === undefined ? undefined : Buffer.from(text),
    signal: new AbortController().signal,
    timeout,
    maxResponseBytes: maxAnswerBytes,
  });
}

/** Sends a request, and reads the fields of the answer. Rejects with an HttpError if these are not there. */
export async function askForFields(client: HttpClient, request: TokenRequest): Promise<JsonFields> {
  const fields = fieldsOf(await askForToken(client, request));
  if (typeof fields === 'string')
    throw new HttpError('credentials', `nothing from ${shownUrl(request.url)}: ${fields}`);
  return fields;
}

/** Sends a request, and reads the token in the answer as a header. Rejects with an HttpError if there is none. */
export async function askForBearer(client: HttpClient, request: TokenRequest): Promise<Expiring<HttpHeaders>> {
  const token = bearerIn(await askForToken(client, request));
  if (typeof token === 'string') throw noToken(request.url, token);
  return token;
}

export function noToken(url: URL, problem: string): HttpError {
  return new HttpError('credentials', `no token from ${shownUrl(url)}: ${problem}`);
}

/** The token in an answer as OAuth 2.0 has it (RFC 6749 section 5.1), or what is wrong with that. */
export function bearerIn(response: HttpResponse): Expiring<HttpHeaders> | string {
  const fields = fieldsOf(response);
  if (typeof fields === 'string') return fields;
  const token = fields.get('access_token');
  if (typeof token !== 'string' || token === '') return 'the answer has no access_token';
  const type = fields.get('token_type');
  // Some name the moment instead, as the app services of Azure.
  const seconds = Number(fields.get('expires_in') ?? Number(fields.get('expires_on') ?? 0) - Date.now() / 1000);
  const prefix = typeof type !== 'string' || /^(?:bearer)?$/i.test(type) ? 'Bearer' : type;
  return {
    value: { authorization: `${prefix} ${token}` },
    validUntil: seconds > 0 ? Date.now() + seconds * 1000 - expiryMargin : Infinity,
  };
}

/** The fields of an answer, or what is wrong with it. The body may hold secrets and is not shown, but for an error code. */
function fieldsOf({ status, body }: HttpResponse): JsonFields | string {
  const fields = jsonFields(body.toString());
  if (status < 200 || status > 299) {
    const code = fields?.get('error');
    return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? `status ${status} (${code})` : `status ${status}`;
  }
  return fields ?? 'the answer is not JSON';
}

/** The fields of an object in JSON; undefined if it is not JSON. */
export function jsonFields(text: string): JsonFields | undefined {
  try {
    return new Map(Object.entries((JSON.parse(text) ?? {}) as object) as [string, unknown][]);
  } catch {
    return undefined;
  }
}

/** A field that is a text; empty if it is not. */
export function textOf(fields: JsonFields, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
