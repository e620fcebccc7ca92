import { textMediaType } from '../../formats/prometheus-text/encode.ts';
import { findComponent, findModule, unhealthyNodes } from '../../runtime/inspect.ts';
import type { InnerModule } from '../../runtime/node.ts';
import type { LiveDebugging, StreamResult } from '../live-debugging/live-debugging.ts';
import { jsonResponse, streamResponse, textResponse, type ApiRequest, type ApiResponse } from './api-message.ts';
import { listComponents, showComponent } from './component-json.ts';
import { askComponent } from './component-requests.ts';
import type { Route } from './router.ts';

/** What the API shows and does. */
export interface ApiContext {
  runtime(): { readonly isLoaded: boolean; readonly root: InnerModule };
  readonly liveDebugging: LiveDebugging;
  /** The program's own metrics as text. */
  metrics(): string;
  /** Loads the configuration again, and tells what happened. */
  reload(): Promise<{ readonly isLoaded: boolean; readonly message: string }>;
  /** This program as a member of a cluster of one. */
  readonly peer: { readonly name: string; readonly addr: string };
  /** Begins and ends with a slash. */
  readonly uiPathPrefix: string;
}

/** Every path that is served, with what answers. The first that fits is taken. */
export function apiRoutes(context: ApiContext): readonly Route[] {
  const { liveDebugging } = context;
  const web = `${context.uiPathPrefix}api/v0/web`;
  const list = (id: string): ApiResponse => {
    const module = findModule(context.runtime().root, id);
    return module === undefined ? notFound() : jsonResponse(listComponents(module));
  };
  const watchModule = (request: ApiRequest, id: string): ApiResponse =>
    withNumber(request, 'window', { fallback: 5, min: 1, max: 60 }, (seconds) =>
      liveDebugging.watchModule(id, seconds, request.signal),
    );
  const get = ['GET'];
  return [
    { path: '/-/healthy', handle: () => healthy(context.runtime().root) },
    { path: '/-/ready', handle: () => ready(context.runtime().isLoaded) },
    { path: '/-/reload', methods: ['GET', 'POST'], handle: () => reloaded(context) },
    { path: '/metrics', methods: get, handle: () => metricsResponse(context.metrics()) },
    { path: `${web}/components`, methods: get, handle: () => list('') },
    { path: `${web}/modules/{id}/components`, methods: get, handle: (_request, id) => list(id) },
    { path: `${web}/components/{id}`, methods: get, handle: (_request, id) => show(context.runtime().root, id) },
    {
      path: '/api/v0/component/{id}',
      handle: (request, id) => askComponent(context.runtime().root, request, id) ?? notFound(),
    },
    // There are no remote configurations, so that nothing runs from one.
    { path: `${web}/remotecfg/components`, methods: get, handle: () => jsonResponse([]) },
    {
      path: `${web}/peers`,
      methods: get,
      handle: () => jsonResponse([{ ...context.peer, isSelf: true, state: 'participant' }]),
    },
    { path: `${web}/graph`, methods: get, handle: (request) => watchModule(request, '') },
    { path: `${web}/graph/{id}`, methods: get, handle: watchModule },
    {
      path: `${web}/debug/{id}`,
      methods: get,
      handle: (request, id) =>
        withNumber(request, 'sampleProb', { fallback: 1, min: 0, max: 1 }, (probability) =>
          liveDebugging.watchComponent(id, probability, request.signal),
        ),
    },
  ];
}

function notFound(): ApiResponse {
  return textResponse(404, '404 page not found\n');
}

function healthy(root: InnerModule): ApiResponse {
  const ids = unhealthyNodes(root);
  if (ids.length === 0) return textResponse(200, 'All Alloy components are healthy.\n');
  return textResponse(500, `unhealthy components: ${ids.join(', ')}\n`);
}

function ready(isLoaded: boolean): ApiResponse {
  return isLoaded ? textResponse(200, 'Alloy is ready.\n') : textResponse(503, 'Alloy is not ready.\n');
}

async function reloaded(context: ApiContext): Promise<ApiResponse> {
  const { isLoaded, message } = await context.reload();
  return textResponse(isLoaded ? 200 : 400, `${message}\n`);
}

function metricsResponse(text: string): ApiResponse {
  return textResponse(200, text, { 'content-type': textMediaType });
}

function show(root: InnerModule, id: string): ApiResponse {
  const found = findComponent(root, id);
  return found === undefined ? notFound() : jsonResponse(showComponent(found.module, found.vertex));
}

/** Opens a stream with a number from the query. */
function withNumber(
  { query }: ApiRequest,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
  open: (value: number) => StreamResult,
): ApiResponse {
  const text = query.get(name) ?? '';
  const value = text === '' ? fallback : Number(text);
  if (!(value >= min && value <= max))
    return textResponse(400, `${name} is ${JSON.stringify(text)}, want a number from ${min} to ${max}\n`);
  const stream = open(value);
  return 'problem' in stream ? textResponse(500, `${stream.problem}\n`) : streamResponse(stream);
}
