import { textResponse, type ApiRequest, type ApiResponse } from './api-message.ts';

/** Answers requests for a path. */
export interface Route {
  /** All methods if absent. */
  readonly methods?: readonly string[];
  /** Literal but for `{id}`, which stands for anything, also with slashes in it. */
  readonly path: string;
  handle(request: ApiRequest, id: string): ApiResponse | Promise<ApiResponse>;
}

/** A route that was found, and what stands for `{id}`. */
export interface RouteMatch {
  readonly route: Route;
  readonly id: string;
}

/** Finds the first route for a path, whatever the method. */
export function findRoute(routes: readonly Route[], path: string): RouteMatch | undefined {
  for (const route of routes) {
    const [before = '', after] = route.path.split('{id}');
    if (after === undefined) {
      if (path === before) return { route, id: '' };
    } else if (path.length > before.length + after.length && path.startsWith(before) && path.endsWith(after)) {
      return { route, id: path.slice(before.length, path.length - after.length) };
    }
  }
  return undefined;
}

/** Answers a request by the route that was found for it. */
export function answer(match: RouteMatch | undefined, request: ApiRequest): ApiResponse | Promise<ApiResponse> {
  if (match === undefined) return textResponse(404, '404 page not found\n');
  const { methods } = match.route;
  // Whoever may get something may also ask for its headers only.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (methods !== undefined && !methods.includes(method))
    return textResponse(405, 'method not allowed\n', { allow: methods.join(', ') });
  return match.route.handle(request, match.id);
}
