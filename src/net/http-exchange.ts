import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../base/message-of.ts';
import type { Log } from '../base/log.ts';
import { textAnswer, type HttpAnswer } from './http-answer.ts';

/** How long a client that was answered early may go on with its body before the connection ends. */
const lingerTime = 1000;

/** What metrics call a client that has gone before it was answered. */
const clientGone = 499;

/** A request on its way. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Bytes of the body, as they came, that were read so far. */
  receivedBytes: number;
}

/** Answers requests for a path. */
export interface HttpRoute {
  /** `any` for a route that looks at the method itself. */
  readonly method: 'GET' | 'POST' | 'any';
  readonly path: string;
  /** The name of the route in metrics. */
  readonly name: string;
  handle(exchange: HttpExchange): HttpAnswer | Promise<HttpAnswer>;
}

/** Is told of requests, for metrics. */
export interface RequestObserver {
  requestStarted(route: RequestRoute): void;
  requestEnded(route: RequestRoute, result: RequestResult): void;
}

/** Few values, whatever clients ask for. */
export interface RequestRoute {
  readonly method: string;
  readonly name: string;
}

export interface RequestResult {
  readonly status: number;
  readonly seconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** Serves routes on the requests of a server. Paths that are not known get 404, other methods 405. */
export function routeRequests(
  routes: readonly HttpRoute[],
  observer: RequestObserver,
  log: Log,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void serve(routes, observer, log, request, response);
}

async function serve(
  routes: readonly HttpRoute[],
  observer: RequestObserver,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path] = (request.url ?? '').split('?', 1);
  const known = routes.filter((route) => route.path === path);
  const route = known.find(
    ({ method }) => method === 'any' || method === request.method || (method === 'GET' && request.method === 'HEAD'),
  );
  const label = { method: request.method ?? '', name: known[0]?.name ?? 'other' };
  const start = performance.now();
  observer.requestStarted(label);

  const gone = new AbortController();
  const exchange: HttpExchange = { request, signal: gone.signal, receivedBytes: 0 };
  const closed = (): void => gone.abort();
  response.on('close', closed);
  // An error of the connection ends what reads the body; without anyone reading, it must not be thrown.
  request.on('error', () => undefined);
  let answer: HttpAnswer;
  try {
    answer = route === undefined ? unknownRoute(known) : await route.handle(exchange);
  } catch (error) {
    if (!gone.signal.aborted && !request.destroyed)
      log.error('cannot answer a request', { path, error: messageOf(error) });
    answer = textAnswer(500, 'internal error');
  }
  response.off('close', closed);
  const isGone = gone.signal.aborted || (request.destroyed && !request.complete);
  observer.requestEnded(label, {
    status: isGone ? clientGone : answer.status,
    seconds: (performance.now() - start) / 1000,
    requestBytes: exchange.receivedBytes,
    responseBytes: isGone ? 0 : Buffer.byteLength(answer.body ?? ''),
  });
  if (!response.destroyed) await write(answer, request, response);
}

function unknownRoute(known: readonly HttpRoute[]): HttpAnswer {
  if (known.length === 0) return textAnswer(404, '404 page not found');
  return textAnswer(405, 'method not allowed', { allow: known.map(({ method }) => method).join(', ') });
}

async function write(
  { status, headers, body }: HttpAnswer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body ?? '') };
  if (request.complete) {
    response.writeHead(status, { ...headers, ...length }).end(body);
    return;
  }
  // Ending the connection while the client still sends would take the answer from it.
  response.writeHead(status, { ...headers, ...length, connection: 'close' });
  if (body === undefined) response.flushHeaders();
  else response.write(body);
  await restOf(request);
  response.end();
}

/** Resolves when the body of a request has ended, at the latest after a while. */
async function restOf(request: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, lingerTime);
  request.once('end', resolve).once('close', resolve).resume();
  await promise;
  clearTimeout(timer);
}
