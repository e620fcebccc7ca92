import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpError, shownUrl } from './http-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { hostOf } from './no-proxy.ts';
import { http } from './node-http.ts';
import { proxyAuthorization } from './proxy.ts';

/** How long a proxy may take to connect. */
const connectTimeout = 30_000;

/** Asks a proxy to connect to `host:port`, and tells it some headers. Rejects with an HttpError. */
export function openTunnel(proxy: URL, target: string, headers: HttpHeaders, signal?: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const failed = (reason: string, cause?: unknown): void =>
    reject(new HttpError('proxy', `proxy ${shownUrl(proxy)} does not lead to ${target}: ${reason}`, cause));
  const { request } = proxy.protocol === 'https:' ? https : http;
  const connect = request({
    host: hostOf(proxy),
    port: proxy.port,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy), ...headers },
    agent: false,
    timeout: connectTimeout,
    ...(signal === undefined ? {} : { signal }),
  });
  connect.once('connect', (response, socket, head) => {
    if (response.statusCode === 200) {
      socket.setTimeout(0);
      // What the server behind it has said first.
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    } else {
      socket.destroy();
      failed(`it answers with status ${response.statusCode}`);
    }
  });
  connect.once('timeout', () => connect.destroy(new Error(`no answer in ${connectTimeout / 1000} s`)));
  connect.once('error', (error) => failed(error.message, error));
  connect.end();
  return promise;
}
