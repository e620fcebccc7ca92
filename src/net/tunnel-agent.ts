import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpError, shownUrl } from './http-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { hostOf } from './no-proxy.ts';
import { http } from './node-http.ts';
import { proxyAuthorization } from './proxy.ts';

/** How long a proxy may take to connect. */
const connectTimeout = 30_000;

/**
 * Connections to https hosts through a proxy that is asked to connect to them. The agent of Node can do that too, but
 * sends no headers of ours to the proxy.
 */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #headers: HttpHeaders;

  constructor(proxy: URL, headers: HttpHeaders, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#headers = headers;
  }

  override createConnection(
    options: https.RequestOptions,
    callback: (error: Error | null, stream?: Duplex) => void,
  ): undefined {
    const target = `${options.host?.includes(':') ? `[${options.host}]` : options.host}:${options.port}`;
    const failed = (reason: string, cause?: unknown): void =>
      callback(new HttpError('proxy', `proxy ${shownUrl(this.#proxy)} does not lead to ${target}: ${reason}`, cause));
    const { request } = this.#proxy.protocol === 'https:' ? https : http;
    const connect = request({
      host: hostOf(this.#proxy),
      port: this.#proxy.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(this.#proxy), ...this.#headers },
      agent: false,
      timeout: connectTimeout,
    });
    connect.once('connect', (response, socket) => {
      if (response.statusCode === 200) {
        socket.setTimeout(0);
        const overTunnel: https.RequestOptions & { socket: Duplex } = { ...options, socket };
        callback(null, super.createConnection(overTunnel) ?? undefined);
      } else {
        socket.destroy();
        failed(`it answers with status ${response.statusCode}`);
      }
    });
    connect.once('timeout', () => connect.destroy(new Error(`no answer in ${connectTimeout / 1000} s`)));
    connect.once('error', (error) => failed(error.message, error));
    connect.end();
  }
}
