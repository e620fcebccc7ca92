import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpHeaders } from './http-message.ts';
import { openTunnel } from './tunnel.ts';

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
    openTunnel(this.#proxy, target, this.#headers).then(
      (socket) => {
        const overTunnel: https.RequestOptions & { socket: Duplex } = { ...options, socket };
        callback(null, super.createConnection(overTunnel) ?? undefined);
      },
      (error: Error) => callback(error),
    );
  }
}
