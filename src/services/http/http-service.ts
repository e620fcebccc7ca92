import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Log } from '../../base/log.ts';
import type { MemoryServer } from '../../base/memory-server.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Milliseconds } from '../../base/duration.ts';
import { counter, openMetrics, type MetricFamily } from '../../component/metrics.ts';
import { HttpServer } from '../../net/http-server.ts';
import type { ListenAddress } from '../../net/listen-address.ts';
import type { ServerTlsSettings } from '../../net/server-tls.ts';
import { textResponse, type ApiRequest, type ApiResponse } from './api-message.ts';
import { authorizer, type AuthSettings } from './basic-auth.ts';
import { memoryResponse } from './memory-response.ts';
import { answer, findRoute, type Route } from './router.ts';

const gzipText: (text: string) => Promise<Buffer> = promisify(gzip);

/** Shorter texts are not worth compressing. */
const minCompressed = 1024;

export const httpMetrics = {
  requests: counter('millrace_http_requests_total', 'Requests to the API, by the path of their route.', [
    'route',
    'status',
  ]),
};

/** Serves the API, on a socket and to clients in this process. */
export class HttpService {
  readonly #log: Log;
  readonly #routes: readonly Route[];
  readonly #server: HttpServer;
  readonly #metrics = openMetrics(httpMetrics);
  #isAuthorized: ((path: string, header: string | undefined) => boolean) | undefined;

  constructor(routes: readonly Route[], log: Log) {
    this.#routes = routes;
    this.#log = log;
    this.#server = new HttpServer((request, response) => void this.#serve(request, response), log);
  }

  get address(): ListenAddress | undefined {
    return this.#server.address;
  }

  listen(address: ListenAddress): Promise<void> {
    return this.#server.listen(address);
  }

  /** Sets who may ask, and how connections are secured. Both hold for what comes from now on. */
  configure(auth: AuthSettings | undefined, tls: ServerTlsSettings | undefined): void {
    this.#isAuthorized = auth && authorizer(auth);
    this.#server.setTls(tls);
  }

  /** The API at an address that only clients in this process can reach. */
  memoryServer(address: string): MemoryServer {
    return {
      address,
      request: async ({ method, target, headers, signal, maxResponseBytes }) =>
        memoryResponse(await this.#respond({ method, url: target, headers }, signal), method, maxResponseBytes),
    };
  }

  close(grace: Milliseconds): Promise<void> {
    return this.#server.close(grace);
  }

  collect(): readonly MetricFamily[] {
    return this.#metrics.collect();
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    // After a whole response there is nothing to abort, and to do so is not cheap.
    response.on('close', () => response.writableFinished || gone.abort());
    // Nothing here wants a body, and an unread one would keep the connection from being used again.
    message.resume();
    const result = await this.#respond(message, gone.signal);
    try {
      await send(result, message, response);
    } catch (error) {
      this.#failed(message, error);
      response.destroy();
    }
  }

  /** What is answered to a request, wherever it came from. */
  async #respond(message: RequestHead, signal: AbortSignal): Promise<ApiResponse> {
    const request = requestOf(message, signal);
    const match = request && findRoute(this.#routes, request.path);
    let result: ApiResponse;
    try {
      result = request === undefined ? textResponse(400, 'invalid path\n') : await this.#answer(match, request);
    } catch (error) {
      this.#failed(message, error);
      result = textResponse(500, 'internal error\n');
    }
    this.#metrics.meters.requests.with(match?.route.path ?? '', String(result.status)).inc();
    return result;
  }

  #failed({ url }: RequestHead, error: unknown): void {
    this.#log.error('cannot answer a request', { path: url, error: messageOf(error) });
  }

  #answer(match: ReturnType<typeof findRoute>, request: ApiRequest): ApiResponse | Promise<ApiResponse> {
    if (this.#isAuthorized?.(request.path, request.headers.authorization) ?? true) return answer(match, request);
    this.#log.info('refused a request without valid credentials', { path: request.path });
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="Restricted"' }, body: '' };
  }
}

/** The part of a message that says what is asked for. */
type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/** What a message asks for; undefined if its path is not valid. */
function requestOf(message: RequestHead, signal: AbortSignal): ApiRequest | undefined {
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(message.url ?? '') ?? [];
  try {
    return {
      method: message.method ?? 'GET',
      path: decodeURIComponent(path),
      query: new URLSearchParams(query),
      headers: message.headers,
      signal,
    };
  } catch {
    return undefined;
  }
}

async function send(result: ApiResponse, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = result;
  if (typeof body !== 'string') {
    response.writeHead(status, headers);
    response.flushHeaders();
    if (message.method !== 'HEAD') await sendPieces(body, response);
    response.end();
    return;
  }
  const isCompressed = body.length >= minCompressed && acceptsGzip(message);
  const bytes = isCompressed ? await gzipText(body) : Buffer.from(body);
  const encoding = isCompressed ? { 'content-encoding': 'gzip', vary: 'accept-encoding' } : {};
  response.writeHead(status, { ...headers, ...encoding, 'content-length': bytes.length }).end(bytes);
}

/** Sends pieces as fast as the client reads them. */
async function sendPieces(pieces: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (piece === '' || response.write(piece)) continue;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  }
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  const accepted = (headers['accept-encoding'] ?? '').split(',');
  return accepted.some((coding) => /^\s*gzip\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i.test(coding));
}
