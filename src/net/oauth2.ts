import { readSecret, type Credentials } from './credentials.ts';
import type { OAuth2Args } from './http-client-fields.ts';
import type { HttpClient } from './http-client.ts';
import { HttpError, shownUrl } from './http-error.ts';
import type { HttpResponse } from './http-message.ts';
import { basicHeader } from './proxy.ts';
import { textSource, type TextSource } from './text-source.ts';

/** A token is replaced this long before it expires, so that it does not expire on the way. */
const expiryMargin = 10_000;
const tokenTimeout = 30_000;
const maxTokenBytes = 1024 * 1024;

interface Token {
  readonly header: string;
  readonly secret: string;
  /** In milliseconds since 1970. */
  readonly validUntil: number;
}

/** Where the ID and the secret of the client stand in a request for a token; servers differ in what they accept. */
type Style = 'header' | 'body';

/** Credentials from an OAuth 2.0 server (client credentials, RFC 6749 section 4.4). Keeps a token until it expires. */
export class OAuth2Credentials implements Credentials {
  readonly #args: OAuth2Args;
  readonly #url: URL;
  readonly #client: HttpClient;
  readonly #secret: TextSource | undefined;
  #style: Style | undefined;
  #token: Token | undefined;
  #pending: Promise<Token> | undefined;

  constructor(args: OAuth2Args, url: URL, client: HttpClient) {
    this.#args = args;
    this.#url = url;
    this.#client = client;
    this.#secret = textSource(args.client_secret, args.client_secret_file);
  }

  async header(signal: AbortSignal): Promise<string> {
    const secret = await readSecret(this.#secret, 'client_secret_file');
    const token = this.#token;
    if (token !== undefined && token.secret === secret && Date.now() < token.validUntil) return token.header;
    // Requests that wait for the same token do not abort it for each other; it has a timeout of its own.
    this.#pending ??= this.#request(secret).finally(() => {
      this.#pending = undefined;
    });
    return (await orAborted(this.#pending, signal)).header;
  }

  rejected(): void {
    this.#token = undefined;
  }

  async #request(secret: string): Promise<Token> {
    const styles: readonly Style[] = this.#style === undefined ? ['header', 'body'] : [this.#style];
    let problem = '';
    for (const style of styles) {
      const response = await this.#send(style, secret);
      const token = tokenOf(response, secret);
      if (typeof token !== 'string') {
        this.#style = style;
        this.#token = token;
        return token;
      }
      problem = token;
    }
    throw new HttpError('credentials', `no token from ${shownUrl(this.#url)}: ${problem}`);
  }

  #send(style: Style, secret: string): Promise<HttpResponse> {
    const { client_id: id, scopes, endpoint_params: params } = this.#args;
    const form = new URLSearchParams([['grant_type', 'client_credentials'], ...params]);
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    if (style === 'body') {
      form.set('client_id', id);
      form.set('client_secret', secret);
    }
    // The standard wants both encoded as in a form before they are joined.
    const basic = basicHeader(encodeURIComponent(id), encodeURIComponent(secret));
    return this.#client.request({
      method: 'POST',
      url: this.#url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(style === 'header' ? { authorization: basic } : {}),
      },
      body: Buffer.from(form.toString()),
      signal: new AbortController().signal,
      timeout: tokenTimeout,
      maxResponseBytes: maxTokenBytes,
    });
  }
}

/** The token in a response, or what is wrong with it. The body may hold secrets and is not shown. */
function tokenOf({ status, body }: HttpResponse, secret: string): Token | string {
  if (status < 200 || status > 299) return `status ${status}`;
  let data: unknown;
  try {
    data = JSON.parse(body.toString());
  } catch {
    return 'the answer is not JSON';
  }
  const fields = new Map(Object.entries(data ?? {}) as [string, unknown][]);
  const token = fields.get('access_token');
  if (typeof token !== 'string' || token === '') return 'the answer has no access_token';
  const type = fields.get('token_type');
  const seconds = Number(fields.get('expires_in') ?? 0);
  return {
    header: `${typeof type !== 'string' || /^(?:bearer)?$/i.test(type) ? 'Bearer' : type} ${token}`,
    secret,
    validUntil: seconds > 0 ? Date.now() + seconds * 1000 - expiryMargin : Infinity,
  };
}

/** Waits for a promise that others wait for too, until the signal aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
