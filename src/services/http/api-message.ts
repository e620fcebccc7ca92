import type { ComponentRequest } from '../../component/component-request.ts';

/** A request to the API, apart from the connection it came on. The path begins with a slash. */
export type ApiRequest = ComponentRequest;

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What is not text at once is sent piece by piece. */
  readonly body: string | AsyncIterable<string>;
}

export function textResponse(status: number, body: string, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function jsonResponse(data: unknown): ApiResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) };
}

export function streamResponse(body: AsyncIterable<string>): ApiResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  return { status: 200, headers, body };
}
