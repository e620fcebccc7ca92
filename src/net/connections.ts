import * as https from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { messageOf } from '../base/message-of.ts';
import type { ClientTls } from './client-tls.ts';
import { HttpError } from './http-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { hostOf } from './no-proxy.ts';
import { PlainConnections, type ConnectionLimits } from './plain-connections.ts';
import { lookupRandom } from './random-address.ts';
import { proxyAuthorization, type ProxySettings } from './proxy.ts';
import { TlsMaterial } from './tls-material.ts';
import { TunnelAgent } from './tunnel-agent.ts';

/** Idle connections are kept this long; longer than most intervals at which the same host is asked again. */
const idleTimeout = 5 * 60_000;

const defaultLimits: ConnectionLimits = { keepAlive: true, timeout: idleTimeout };

/** How a request for a URL gets to its host. */
export interface Route {
  /** The connections: those with TLS are of Node. */
  readonly over: PlainConnections | https.Agent;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  /** What a proxy needs to see. */
  readonly headers: HttpHeaders;
}

export interface ConnectionOptions {
  /** Whether each connection is made to one of the addresses of its host at random. */
  readonly usesRandomAddresses?: boolean | undefined;
  readonly limits?: ConnectionLimits;
}

/** The connections of one client: kept for the next request, made anew when certificates change. */
export class Connections {
  readonly #proxy: ProxySettings;
  readonly #material: TlsMaterial;
  readonly #options: SecureContextOptions;
  #tlsOptions: https.AgentOptions;
  readonly #plain: PlainConnections;
  /** Agents for https by their proxy, `''` for none. They share their certificates, and are replaced with them. */
  #secure = new Map<string, https.Agent>();
  #certificates: SecureContextOptions | undefined;

  constructor(
    tls: ClientTls,
    proxy: ProxySettings,
    { usesRandomAddresses = false, limits = defaultLimits }: ConnectionOptions = {},
  ) {
    const lookup = usesRandomAddresses ? { lookup: lookupRandom } : {};
    this.#proxy = proxy;
    this.#plain = new PlainConnections(limits, lookup);
    this.#material = new TlsMaterial(tls.sources);
    this.#options = tls.options;
    this.#tlsOptions = {
      ...limits,
      ...lookup,
      rejectUnauthorized: tls.verifiesServer,
      ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
    };
  }

  async routeTo(url: URL): Promise<Route> {
    const proxy = this.#proxy.proxyFor(url);
    const path = url.pathname + url.search;
    if (url.protocol === 'https:') {
      const over = await this.#secureAgent(proxy);
      return { over, host: hostOf(url), port: url.port || '443', path, headers: {} };
    }
    if (proxy === undefined) return { over: this.#plain, host: hostOf(url), port: url.port || '80', path, headers: {} };
    const isSecure = proxy.protocol === 'https:';
    return {
      over: isSecure ? await this.#secureAgent(undefined) : this.#plain,
      host: hostOf(proxy),
      port: proxy.port || (isSecure ? '443' : '80'),
      path: url.origin + path,
      headers: proxyAuthorization(proxy),
    };
  }

  close(): void {
    this.#plain.close();
    for (const agent of this.#secure.values()) agent.destroy();
  }

  async #secureAgent(proxy: URL | undefined): Promise<https.Agent> {
    try {
      const certificates = await this.#material.read();
      if (certificates !== this.#certificates) {
        const secureContext = createSecureContext({ ...certificates, ...this.#options });
        this.#tlsOptions = { ...this.#tlsOptions, secureContext };
        // Requests that run keep their connections; idle ones of the old agents time out.
        this.#secure = new Map();
        this.#certificates = certificates;
      }
    } catch (error) {
      throw new HttpError('tls', `cannot use the certificates or the key for TLS: ${messageOf(error)}`, error);
    }
    const key = proxy?.href ?? '';
    let agent = this.#secure.get(key);
    if (agent === undefined) {
      agent =
        proxy === undefined
          ? new https.Agent(this.#tlsOptions)
          : new TunnelAgent(proxy, this.#proxy.connectHeaders, this.#tlsOptions);
      this.#secure.set(key, agent);
    }
    return agent;
  }
}
