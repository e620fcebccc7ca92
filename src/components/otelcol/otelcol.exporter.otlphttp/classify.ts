import { ParseError } from '../../../base/parse-error.ts';
import type { OtlpKind } from '../../../model/otlp-batch.ts';
import { decodeStatus } from '../../../net/grpc/grpc-status.ts';
import { shownUrl } from '../../../net/http-error.ts';
import type { HttpResponse } from '../../../net/http-message.ts';
import { retryAfter } from '../../../net/retry-after.ts';
import { readExportResponse, readJsonExportResponse } from '../export-response.ts';
import type { SendFailure, SendResult } from '../sending-queue/transport.ts';

/** The types of the bodies of requests, and of those responses that are looked into. */
export const mediaTypes = { proto: 'application/x-protobuf', json: 'application/json' } as const;

export interface SentRequest {
  readonly kind: OtlpKind;
  readonly url: URL;
  readonly encoding: keyof typeof mediaTypes;
}

/** 408 and 500 are for good in Alloy; but servers answer so when they are in trouble, and what is dropped is lost. */
const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** The codes of gRPC that statuses stand for, as `error_type` has them. */
const codeNames: ReadonlyMap<number, string> = new Map([
  [400, 'InvalidArgument'],
  [401, 'Unauthenticated'],
  [403, 'PermissionDenied'],
  [404, 'Unimplemented'],
  [429, 'ResourceExhausted'],
  [502, 'Unavailable'],
  [503, 'Unavailable'],
  [504, 'Unavailable'],
]);
const throttlingStatuses: ReadonlySet<number> = new Set([429, 503]);

/** More of what a server says is not kept. */
const maxMessage = 1024;

/** What the response to a request means. */
export function resultOf(response: HttpResponse, request: SentRequest): SendResult {
  return response.status >= 200 && response.status < 300 ? taken(response, request) : refused(response, request);
}

function taken(response: HttpResponse, { kind, url, encoding }: SentRequest): SendResult {
  const { status, body } = response;
  const isOurs = mediaTypeOf(response) === mediaTypes[encoding];
  const read = encoding === 'json' ? readJsonExportResponse(kind, body) : readExportResponse(body);
  if (isOurs && read instanceof ParseError)
    return {
      isDelivered: false,
      isRetryable: false,
      retryAfter: undefined,
      message: `${shownUrl(url)} answered with status ${status} and a body that ${read.message}`,
      type: '_OTHER',
    };
  const partial = isOurs && !(read instanceof ParseError) ? read : { rejected: 0, message: '' };
  return { isDelivered: true, ...partial };
}

function refused(response: HttpResponse, { url }: SentRequest): SendFailure {
  const { status, headers } = response;
  const { message, delay } = told(response);
  const text = `error exporting items, request to ${shownUrl(url)} responded with HTTP Status Code ${status}`;
  const asked = throttlingStatuses.has(status) ? retryAfter(headers['retry-after'], Date.now()) : undefined;
  const isRetryable = retryableStatuses.has(status);
  const wait = isRetryable ? (asked ?? delay) : undefined;
  const full = message === '' ? text : `${text}, Message=${message}`;
  return { isDelivered: false, isRetryable, retryAfter: wait, message: full, type: codeNames.get(status) ?? 'Unknown' };
}

/** What a server says of a failure, in a message `google.rpc.Status` or plainly. */
function told(response: HttpResponse): { readonly message: string; readonly delay: number | undefined } {
  const { body } = response;
  if (mediaTypeOf(response) === mediaTypes.proto) {
    const status = decodeStatus(body);
    if (status instanceof ParseError) return { message: '', delay: undefined };
    return { message: status.message.slice(0, maxMessage), delay: status.retryDelay };
  }
  const text = body.toString('utf8', 0, maxMessage);
  const [line = ''] = text.trim().split('\n');
  return { message: line.trim(), delay: undefined };
}

function mediaTypeOf({ headers }: HttpResponse): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}
