import type { IncomingHttpHeaders } from 'node:http';

/** A request to a component, which is below `/api/v0/component/<ID>/`. */
export interface ComponentRequest {
  readonly method: string;
  /** What follows the ID and a slash, decoded and without the query: `metrics`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when nobody waits for the response any more. */
  readonly signal: AbortSignal;
}

export interface ComponentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
