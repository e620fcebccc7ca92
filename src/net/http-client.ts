import { longestTimeout } from '../base/duration.ts';
import type { MemoryServer } from '../base/memory-server.ts';
import { clientTls } from './client-tls.ts';
import { Connections } from './connections.ts';
import { cloudCredentials } from './cloud/cloud-credentials.ts';
import type { CloudAuthArgs } from './cloud/fields.ts';
import { noCredentials, staticCredentials, type Credentials } from './credentials.ts';
import { perform } from './exchange.ts';
import type { HttpClientArgs, ProxyArgs, SecretHeaders } from './http-client-fields.ts';
import { HttpError, shownUrl, toHttpError } from './http-error.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http-message.ts';
import { askInMemory, memoryServerFor } from './memory-exchange.ts';
import { oauth2Credentials } from './oauth2.ts';
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
export function httpClient(args: HttpClientArgs & Partial<CloudAuthArgs>, options: HttpClientOptions): HttpClient {
  const { userAgent, memoryServer, usesRandomAddresses } = options;
  const opened: Client[] = [];
  const open = (settings: Omit<HttpClientSettings, 'userAgent' | 'memoryServer'>): Client => {
    const client = new Client({ userAgent, memoryServer, ...settings });
    opened.push(client);
    return client;
  };
  const client = open({
    connections: new Connections(clientTls(args.tls_config), proxyOf(args, options), { usesRandomAddresses }),
    credentials: credentialsOf(args, options, open),
    followsRedirects: args.follow_redirects,
    headers: headersOf(args.http_headers),
  });
  return {
    request: (request) => client.request(request),
    close() {
      for (const one of opened) one.close();
    },
  };
}

/** A client of parts that its user has made. It closes the connections. */
export function httpClientOf(settings: HttpClientSettings): HttpClient {
  return new Client(settings);
}

/** The credentials of a client, and with them the clients that these need. */
function credentialsOf(
  args: HttpClientArgs & Partial<CloudAuthArgs>,
  options: HttpClientOptions,
  open: (settings: Omit<HttpClientSettings, 'userAgent' | 'memoryServer'>) => Client,
): Credentials {
  const { oauth2 } = args;
  const openPlain = (connections: Connections): Client =>
    open({ connections, credentials: noCredentials, followsRedirects: true, headers: {} });
  if (oauth2?.token_url !== undefined) {
    const client = openPlain(new Connections(clientTls(oauth2.tls_config), proxyOf(oauth2, options)));
    return oauth2Credentials(oauth2, oauth2.token_url, client);
  }
  if (args.sigv4 === undefined && args.azuread === undefined && args.google_iam === undefined)
    return staticCredentials(args);
  // Clouds are reached as by their own tools: through the proxies of the environment, unless the arguments name one.
  const proxy = args.proxy_url === undefined ? environmentProxy(options.variables, {}) : proxyOf(args, options);
  const client = openPlain(new Connections(clientTls(undefined), proxy));
  const localClient = openPlain(new Connections(clientTls(undefined), noProxy()));
  return cloudCredentials(args, { client, localClient, variables: options.variables }) ?? noCredentials;
}

export interface HttpClientSettings {
  readonly connections: Connections;
  readonly credentials: Credentials;
  /** `unchanged`: only such as have the same request sent to another place, and not a GET without its body. */
  readonly followsRedirects: boolean | 'unchanged';
  /** Sent with each request unless the request has its own of that name. */
  readonly headers: HttpHeaders;
  readonly userAgent: string;
  readonly memoryServer: MemoryServer | undefined;
}

class Client implements HttpClient {
  readonly #settings: HttpClientSettings;

  constructor(settings: HttpClientSettings) {
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
    const { maxResponseBytes, into } = request;
    let { method, url, body } = request;
    let isTrusted = true;
    for (let redirects = 0; ; redirects++) {
      const plain = this.#headersFor(request, url, { isTrusted, hasBody: body !== undefined });
      const proof = isTrusted ? await credentials.headersFor({ method, url, headers: plain, body }, signal) : {};
      signal.throwIfAborted();
      const headers = { ...(isTrusted ? headersOfUrl(url) : {}), ...proof, ...plain };
      const hop = { method, headers, body, signal, maxResponseBytes };
      const local = memoryServerFor(url, memoryServer);
      const response =
        local === undefined
          ? await perform({ ...hop, into, route: await connections.routeTo(url) })
          : await askInMemory(local, { ...hop, target: url.pathname + url.search });
      if (response.status === 401 && isTrusted) credentials.rejected?.();

      const isFollowed = followsRedirects === 'unchanged' ? response.status >= 307 : followsRedirects;
      const target = isFollowed ? redirectOf(response, url) : undefined;
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

  /** The headers of a request without those that its credentials add. */
  #headersFor(
    { headers: given, host, url: first }: HttpRequest,
    url: URL,
    hop: { isTrusted: boolean; hasBody: boolean },
  ): HttpHeaders {
    const { headers, userAgent } = this.#settings;
    const wanted: Record<string, string | string[]> = { 'user-agent': userAgent };
    for (const source of [headers, given])
      for (const [name, value] of Object.entries(source)) {
        const isWanted = (hop.isTrusted || plainHeaders.test(name)) && (hop.hasBody || !name.startsWith('content-'));
        if (isWanted) wanted[name] = value;
      }
    wanted['host'] = url.host === first.host ? (host ?? url.host) : url.host;
    return wanted;
  }
}

/** The user and password in a URL, as a header. */
function headersOfUrl(url: URL): HttpHeaders {
  const authorization = basicOfUrl(url);
  return authorization === undefined ? {} : { authorization };
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
