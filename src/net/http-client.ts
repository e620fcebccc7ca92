import { longestTimeout } from '../base/duration.ts';
import type { MemoryServer } from '../base/memory-server.ts';
import { Connections } from './connections.ts';
import { noCredentials, staticCredentials, type Credentials } from './credentials.ts';
import { perform } from './exchange.ts';
import type { HttpClientArgs, ProxyArgs, SecretHeaders } from './http-client-fields.ts';
import { HttpError, shownUrl, toHttpError } from './http-error.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http-message.ts';
import { askInMemory, memoryServerFor } from './memory-exchange.ts';
import { OAuth2Credentials } from './oauth2.ts';
import { basicOfUrl, environmentProxy, fixedProxy, noProxy, type ProxySettings } from './proxy.ts';

const maxRedirects = 10;

/** Headers that may go to a host that a redirect leads to: they tell about the body, and hold no secrets. */
const plainHeaders = /^(?:accept|content)(?:-|$)/;

/** A client for HTTP/1.1 with the settings of one component. */
export interface HttpClient {
  /** Resolves with whatever the peer answers; rejects with an HttpError if there is no answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends all connections, also those in use. */
  close(): void;
}

export interface HttpClientOptions {
  readonly userAgent: string;
  /** The environment, where `proxy_from_environment` looks. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whether each connection is made to one of the addresses of its host at random. */
  readonly usesRandomAddresses?: boolean;
  /** Answers what is sent to its address, whatever the proxy. */
  readonly memoryServer?: MemoryServer;
}

/** Makes a client. Nothing is read or contacted before the first request. */
export function httpClient(args: HttpClientArgs, options: HttpClientOptions): HttpClient {
  const { userAgent } = options;
  const { oauth2 } = args;
  let tokens: HttpClient | undefined;
  let credentials = staticCredentials(args);
  if (oauth2?.token_url !== undefined) {
    const connections = new Connections(oauth2.tls_config, proxyOf(oauth2, options));
    tokens = new Client({
      connections,
      credentials: noCredentials,
      followsRedirects: true,
      headers: {},
      userAgent,
      memoryServer: options.memoryServer,
    });
    credentials = new OAuth2Credentials(oauth2, oauth2.token_url, tokens);
  }
  const client = new Client({
    connections: new Connections(args.tls_config, proxyOf(args, options), options.usesRandomAddresses),
    credentials,
    followsRedirects: args.follow_redirects,
    headers: headersOf(args.http_headers),
    userAgent,
    memoryServer: options.memoryServer,
  });
  return {
    request: (request) => client.request(request),
    close() {
      client.close();
      tokens?.close();
    },
  };
}

interface Settings {
  readonly connections: Connections;
  readonly credentials: Credentials;
  readonly followsRedirects: boolean;
  /** Sent with each request unless the request has its own of that name. */
  readonly headers: HttpHeaders;
  readonly userAgent: string;
  readonly memoryServer: MemoryServer | undefined;
}

class Client implements HttpClient {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { method, url, timeout } = request;
    const limit = new AbortController();
    const abort = (): void => limit.abort(new HttpError('aborted', 'the request was given up'));
    const timer = setTimeout(
      () => limit.abort(new HttpError('timeout', `no complete response in ${timeout / 1000} s`)),
      Math.min(timeout, longestTimeout),
    );
    request.signal.addEventListener('abort', abort, { once: true });
    if (request.signal.aborted) abort();
    try {
      return await this.#follow(request, limit.signal);
    } catch (error) {
      throw toHttpError(method, url, limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#settings.connections.close();
  }

  /** Sends the request, and again to where redirects lead. */
  async #follow(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { connections, credentials, followsRedirects, memoryServer } = this.#settings;
    const { maxResponseBytes } = request;
    let { method, url, body } = request;
    let isTrusted = true;
    for (let redirects = 0; ; redirects++) {
      const authorization = isTrusted ? await credentials.header(signal) : undefined;
      signal.throwIfAborted();
      const headers = this.#headersFor(request.headers, url, { isTrusted, authorization, hasBody: body !== undefined });
      const hop = { method, headers, body, signal, maxResponseBytes };
      const local = memoryServerFor(url, memoryServer);
      const response =
        local === undefined
          ? await perform({ ...hop, route: await connections.routeTo(url) })
          : await askInMemory(local, { ...hop, target: url.pathname + url.search });
      if (response.status === 401 && isTrusted) credentials.rejected?.();

      const target = followsRedirects ? redirectOf(response, url) : undefined;
      if (target === undefined) return response;
      if (redirects === maxRedirects) throw new HttpError('redirect', `more than ${maxRedirects} redirects`);
      if (response.status < 307 && method !== 'GET' && method !== 'HEAD') {
        method = 'GET';
        body = undefined;
      }
      isTrusted &&= isSameSite(url, target);
      url = target;
    }
  }

  #headersFor(
    given: HttpHeaders,
    url: URL,
    hop: { isTrusted: boolean; authorization: string | undefined; hasBody: boolean },
  ): HttpHeaders {
    const { headers, userAgent } = this.#settings;
    const authorization = hop.authorization ?? basicOfUrl(url);
    const all = { ...(authorization === undefined ? {} : { authorization }), ...headers, ...given };
    const isWanted = (name: string): boolean =>
      (hop.isTrusted || plainHeaders.test(name)) && (hop.hasBody || !name.startsWith('content-'));
    const wanted = Object.entries(all).filter(([name]) => isWanted(name));
    return { 'user-agent': userAgent, ...Object.fromEntries(wanted), host: url.host };
  }
}

/** Where a response redirects to; undefined if it does not. */
function redirectOf({ status, headers }: HttpResponse, from: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const target = URL.parse(location, from.href);
  if (target?.protocol === 'http:' || target?.protocol === 'https:') return target;
  throw new HttpError('redirect', `${shownUrl(from)} redirects to what is no http or https URL`);
}

/** Whether what was meant for one URL may be sent to another: the host is the same and the way no less safe. */
function isSameSite(from: URL, to: URL): boolean {
  return from.hostname === to.hostname && !(from.protocol === 'https:' && to.protocol === 'http:');
}

function headersOf(given: SecretHeaders): HttpHeaders {
  const entries = given.entries().map(([name, values]) => [name.toLowerCase(), values.map((value) => value.reveal())]);
  return Object.fromEntries(entries) as HttpHeaders;
}

function proxyOf(args: ProxyArgs, { variables }: HttpClientOptions): ProxySettings {
  const connectHeaders = headersOf(args.proxy_connect_header);
  if (args.proxy_from_environment) return environmentProxy(variables, connectHeaders);
  return args.proxy_url === undefined ? noProxy() : fixedProxy(args.proxy_url, args.no_proxy, connectHeaders);
}
