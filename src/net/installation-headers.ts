import type { HttpHeaders } from './http-message.ts';

/** How servers know which installation sends requests; none without an ID. */
export function installationHeaders(id: string): HttpHeaders {
  return id === '' ? {} : { 'x-agent-id': id, 'x-alloy-id': id };
}
