import type { DeliveryError } from '../flow/delivery.ts';

/** What a server answers to a request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** An answer of text, such as what is wrong with the request. */
export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

/** How long clients should wait that may try again, if nobody knows better; in seconds. */
const defaultWait = 5;
const longestWait = 300;

/** An answer to a request that may succeed later. */
export function laterAnswer(status: 429 | 503, text: string, wait: number = defaultWait): HttpAnswer {
  return textAnswer(status, text, { 'retry-after': String(Math.min(longestWait, Math.max(1, Math.ceil(wait)))) });
}

/**
 * What a client is told that sent a batch: 204 only if the batch is delivered. A batch that nobody will ever take is a
 * bad request, so that the client does not send it again.
 */
export function deliveryAnswer(error: DeliveryError | undefined): HttpAnswer {
  if (error === undefined) return { status: 204 };
  const { message, isRetryable, retryAfter } = error;
  if (!isRetryable) return textAnswer(400, message);
  return laterAnswer(503, message, retryAfter === undefined ? undefined : retryAfter / 1000);
}
