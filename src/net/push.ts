import type { Milliseconds } from '../base/duration.ts';
import { messageOf } from '../base/message-of.ts';
import type { HttpClient } from './http-client.ts';
import { HttpError } from './http-error.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';
import { retryAfter } from './retry-after.ts';

/** Why one attempt to push a request has failed. */
export interface PushFailure {
  readonly isDelivered: false;
  /** The status code; `-1` if there was no answer. */
  readonly status: string;
  readonly isRetryable: boolean;
  readonly message: string;
  /** What the peer said, in full up to 1024 bytes. */
  readonly text: string;
  /** How long the peer asks to wait. */
  readonly retryAfter: Milliseconds | undefined;
}

/** What became of one attempt to push a request. */
export type PushResult = PushSuccess | PushFailure;

export interface PushSuccess {
  readonly isDelivered: true;
  readonly status: string;
  readonly headers: HttpResponse['headers'];
}

export interface PushOptions {
  readonly url: URL;
  readonly headers: HttpHeaders;
  readonly timeout: Milliseconds;
  readonly retriesRateLimited: boolean;
}

/** More of an error body than this is not read. */
const maxErrorBody = 1024;

/** Sends one request. Only an aborted signal makes it reject. */
export async function push(
  client: HttpClient,
  body: Buffer,
  { url, headers, timeout, retriesRateLimited }: PushOptions,
  signal: AbortSignal,
): Promise<PushResult> {
  try {
    const request = { method: 'POST', url, headers, body, signal, timeout, maxResponseBytes: maxErrorBody };
    const response = await client.request(request);
    const { status } = response;
    if (status >= 200 && status < 300) return { isDelivered: true, status: String(status), headers: response.headers };
    const isRetryable = status === 429 ? retriesRateLimited : status >= 500;
    const message = `server returned HTTP status ${status}: ${firstLine(response)}`;
    const wait = retryAfter(response.headers['retry-after'], Date.now());
    const text = response.body.toString('utf8');
    return { isDelivered: false, status: String(status), isRetryable, message, text, retryAfter: wait };
  } catch (error) {
    signal.throwIfAborted();
    // What cannot be sent now never can, such as a tenant that no header can hold.
    const isRetryable = !(error instanceof HttpError && error.kind === 'request');
    const message = messageOf(error);
    return { isDelivered: false, status: '-1', isRetryable, message, text: '', retryAfter: undefined };
  }
}

function firstLine({ body }: HttpResponse): string {
  const [line = ''] = body.toString('utf8').split('\n');
  return line.trim();
}
