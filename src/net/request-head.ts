import type { HttpHeaders } from './http-message.ts';
import { http } from './node-http.ts';

/** What says how a message is sent is decided by the connection. */
const ownFields: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
/** Requests that have no body unless they say so. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** What a request begins with. */
export interface RequestStart {
  readonly method: string;
  readonly path: string;
  readonly headers: HttpHeaders;
  readonly body: Buffer | undefined;
}

/** The lines of a request before its body, a character for each byte. Throws as `node:http` does at what cannot be sent. */
export function requestHead({ method, path, headers, body }: RequestStart, keepsConnection: boolean): string {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (ownFields.has(name)) continue;
    http.validateHeaderName(name);
    if (typeof value === 'string') head += field(name, value);
    else for (const one of value) head += field(name, one);
  }
  if (body !== undefined || !bodiless.has(method)) head += `content-length: ${body?.length ?? 0}\r\n`;
  return `${head}connection: ${keepsConnection ? 'keep-alive' : 'close'}\r\n\r\n`;
}

function field(name: string, value: string): string {
  http.validateHeaderValue(name, value);
  return `${name}: ${value}\r\n`;
}
