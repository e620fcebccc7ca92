import type { IncomingHttpHeaders } from 'node:http';
import type { ByteBuilder } from '../base/byte-builder.ts';
import type { Milliseconds } from '../base/duration.ts';

/** Headers to send, with names in lower case. A list is sent as one header for each value. */
export type HttpHeaders = Readonly<Record<string, string | string[]>>;

/** Text as the value of a header: its bytes in UTF-8, of which Node wants each as one character. */
export function headerText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: HttpHeaders;
  /** What the server is called in the request, if not as in the URL. Servers that redirects lead to are not called so. */
  readonly host?: string | undefined;
  readonly body?: Buffer | undefined;
  readonly signal: AbortSignal;
  /** For all of it: credentials, connection, redirects, and the last byte of the response. */
  readonly timeout: Milliseconds;
  /** How much of the body of the response is kept. */
  readonly maxResponseBytes: number;
  /** Where the body of the response may be put, which is valid until that is used again; memory of its own without it. */
  readonly into?: ByteBuilder;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether there was more of the body than `maxResponseBytes`. */
  readonly isTruncated: boolean;
}
