import type { Milliseconds } from '../../base/duration.ts';
import { ownBuffer } from '../../base/bytes.ts';
import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import { DeliveryError } from '../../flow/delivery.ts';
import { FieldReader, wireType } from '../../formats/protobuf/field-reader.ts';

/** What becomes of a call, by the names and numbers of gRPC. */
export const grpcCodes = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

export type GrpcCode = (typeof grpcCodes)[keyof typeof grpcCodes];

/** What a peer is told of a call that failed, or of a request over HTTP. */
export interface GrpcStatus {
  readonly code: GrpcCode;
  readonly message: string;
  /** How long to wait before trying again; undefined if the peer does not say that trying again may help. */
  readonly retryDelay?: Milliseconds | undefined;
}

/** A call that failed, on either side of it. */
export class GrpcError extends Error implements GrpcStatus {
  override readonly name = 'GrpcError';
  readonly code: GrpcCode;
  readonly retryDelay: Milliseconds | undefined;

  constructor(
    code: GrpcCode,
    message: string,
    options: { retryDelay?: Milliseconds | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryDelay = options.retryDelay;
  }

  /**
   * What a client is told about what was thrown: a batch that was refused may be sent again if that can help, unless who
   * refused it has a status of its own. Anything else is a bug, and trying again will not help.
   */
  static from(thrown: unknown): GrpcError {
    if (thrown instanceof GrpcError) return thrown;
    if (!(thrown instanceof DeliveryError))
      return new GrpcError(grpcCodes.internal, messageOf(thrown), { cause: thrown });
    const { message, cause, isRetryable, retryAfter } = thrown;
    if (cause instanceof GrpcError && isRetryableStatus(cause) === isRetryable) return cause;
    return new GrpcError(isRetryable ? grpcCodes.unavailable : grpcCodes.internal, message, {
      retryDelay: isRetryable ? retryAfter : undefined,
      cause: thrown,
    });
  }
}

/** Whether a client should try again that was told this. */
export function isRetryableStatus({ code, retryDelay }: GrpcStatus): boolean {
  // Who has no resources left for now says when there will be some.
  return code === grpcCodes.resourceExhausted ? retryDelay !== undefined : retryableCodes.has(code);
}

const retryableCodes: ReadonlySet<GrpcCode> = new Set([
  grpcCodes.cancelled,
  grpcCodes.deadlineExceeded,
  grpcCodes.aborted,
  grpcCodes.outOfRange,
  grpcCodes.unavailable,
  grpcCodes.dataLoss,
]);

/** The code that a number stands for; numbers that are none stand for an unknown failure. */
export function grpcCodeOf(value: number): GrpcCode {
  return Number.isInteger(value) && value >= 0 && value <= grpcCodes.unauthenticated
    ? (value as GrpcCode)
    : grpcCodes.unknown;
}

/** The HTTP status with which a server answers where it would answer a call with that code. */
export function httpStatusOf(code: GrpcCode): number {
  switch (code) {
    case grpcCodes.ok:
      return 200;
    case grpcCodes.invalidArgument:
      return 400;
    case grpcCodes.unauthenticated:
      return 401;
    case grpcCodes.permissionDenied:
      return 403;
    case grpcCodes.unimplemented:
      return 404;
    case grpcCodes.resourceExhausted:
      return 429;
    case grpcCodes.cancelled:
    case grpcCodes.deadlineExceeded:
    case grpcCodes.aborted:
    case grpcCodes.outOfRange:
    case grpcCodes.unavailable:
    case grpcCodes.dataLoss:
      return 503;
    default:
      return 500;
  }
}

const retryInfoType = 'type.googleapis.com/google.rpc.RetryInfo';

/** A status as a message `google.rpc.Status`, with how long to wait as a detail. */
export function encodeStatus({ code, message, retryDelay }: GrpcStatus): Buffer {
  const parts = [code === 0 ? empty : integerField(1, code), textField(2, message)];
  if (retryDelay !== undefined) {
    const { seconds, nanos } = splitTime(retryDelay);
    const duration = Buffer.concat([integerField(1, seconds), integerField(2, nanos)]);
    parts.push(bytesField(3, Buffer.concat([textField(1, retryInfoType), bytesField(2, bytesField(1, duration))])));
  }
  return Buffer.concat(parts);
}

/** A status as the JSON form of the same message. */
export function statusJson({ code, message, retryDelay }: GrpcStatus): string {
  const details =
    retryDelay === undefined ? [] : [{ '@type': retryInfoType, retryDelay: `${durationText(retryDelay)}s` }];
  return JSON.stringify({ code, message, ...(details.length === 0 ? {} : { details }) });
}

/** Reads a message `google.rpc.Status`. Details other than how long to wait are passed over. */
export function decodeStatus(bytes: Buffer): GrpcStatus | ParseError {
  let code: GrpcCode = grpcCodes.ok;
  let message = '';
  let retryDelay: Milliseconds | undefined;
  const isWhole = eachField(bytes, (field) => {
    if (field.is(1, wireType.varint)) code = grpcCodeOf(field.value);
    else if (field.is(2, wireType.bytes)) message = bytes.toString('utf8', field.start, field.end);
    else if (field.is(3, wireType.bytes)) retryDelay ??= retryDelayOf(bytes.subarray(field.start, field.end));
  });
  return isWhole ? { code, message, retryDelay } : new ParseError('is not a google.rpc.Status');
}

/** How long a detail asks to wait; undefined if it is about something else, or broken. */
function retryDelayOf(detail: Buffer): Milliseconds | undefined {
  let type = '';
  let info: Buffer = empty;
  let duration: Buffer = empty;
  let delay = 0;
  const isWhole =
    eachField(detail, (field) => {
      if (field.is(1, wireType.bytes)) type = detail.toString('utf8', field.start, field.end);
      else if (field.is(2, wireType.bytes)) info = detail.subarray(field.start, field.end);
    }) &&
    type.endsWith('/google.rpc.RetryInfo') &&
    eachField(info, (field) => {
      if (field.is(1, wireType.bytes)) duration = info.subarray(field.start, field.end);
    }) &&
    eachField(duration, (field) => {
      if (field.is(1, wireType.varint)) delay += field.value * 1000;
      else if (field.is(2, wireType.varint)) delay += field.value / 1e6;
    });
  return isWhole ? Math.max(0, delay) : undefined;
}

/** Visits the fields of a message; false if it is broken. */
function eachField(bytes: Buffer, visit: (field: FieldReader) => void): boolean {
  const reader = new FieldReader();
  reader.open(bytes, 0, bytes.length);
  while (reader.next()) visit(reader);
  return !reader.isBroken;
}

const empty: Buffer = Buffer.alloc(0);

function integerField(number: number, value: number): Buffer {
  const field = ownBuffer(1 + varintSize(value));
  writeVarint(field, writeVarint(field, 0, number << 3), value);
  return field;
}

function textField(number: number, text: string): Buffer {
  return text === '' ? empty : bytesField(number, Buffer.from(text));
}

function bytesField(number: number, bytes: Buffer): Buffer {
  const head = ownBuffer(1 + varintSize(bytes.length));
  writeVarint(head, writeVarint(head, 0, (number << 3) | wireType.bytes), bytes.length);
  return Buffer.concat([head, bytes]);
}

function splitTime(time: Milliseconds): { seconds: number; nanos: number } {
  const nanos = Math.round(Math.max(0, time) * 1e6);
  return { seconds: Math.floor(nanos / 1e9), nanos: nanos % 1e9 };
}

/** Seconds with the decimals they need. */
function durationText(time: Milliseconds): string {
  const { seconds, nanos } = splitTime(time);
  return nanos === 0 ? String(seconds) : `${seconds}.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}
