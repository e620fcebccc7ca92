import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { decompress, type ContentCoding } from '../compression.ts';
import type { CallLimit } from './grpc-call-limit.ts';
import { MessageReader, type MessageProblem } from './grpc-framing.ts';
import { decodeGrpcMessage } from './grpc-headers.ts';
import type { GrpcSession } from './grpc-session.ts';
import { decodeStatus, GrpcError, grpcCodeOf, grpcCodes, type GrpcCode } from './grpc-status.ts';
import type { HttpHeaders } from '../http-message.ts';
import { http2CodeName, http2Codes } from '../http2/codes.ts';
import { encodeHeaderBlock } from '../http2/header-block.ts';
import { fieldOf, type Http2Headers } from '../http2/header-decoder.ts';
import type { StreamEnd, StreamHandler } from '../http2/http2-stream.ts';

/** A call as it is sent. */
export interface OutgoingCall {
  readonly headers: HttpHeaders;
  /** The message with its head. */
  readonly body: readonly Buffer[];
  readonly maxResponseBytes: number;
  readonly limit: CallLimit;
}

/** How answers may be compressed: servers do it as the message was, without being asked. */
const codings: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
  ['snappy', 'snappy'],
]);

/** Answers are bounded by their own limit. */
const unlimited = { take: () => true };

/**
 * Makes a call once. The result is the answer; or `unprocessed` if the server has certainly not begun with it, so that it
 * can be made again. Rejects with a GrpcError.
 */
export async function callOnce(session: GrpcSession, call: OutgoingCall): Promise<Buffer | 'unprocessed'> {
  let headers: Buffer;
  try {
    headers = encodeHeaderBlock(call.headers);
  } catch (error) {
    throw new GrpcError(grpcCodes.internal, `the call cannot be sent: ${(error as Error).message}`, { cause: error });
  }
  const answer = new Answer(call);
  const stream = session.request(headers, call.body, answer);
  try {
    return await answer.result();
  } finally {
    // What was not sent yet is of no interest to a server that has answered, and its memory may be used again.
    stream.reset(http2Codes.cancel);
  }
}

/** Reads what comes back on the stream of a call. */
class Answer implements StreamHandler {
  readonly #call: OutgoingCall;
  readonly #reader: MessageReader;
  readonly #ended = Promise.withResolvers<void>();
  #headers: Http2Headers = {};
  /** With the status of the call; headers if there is nothing else. */
  #trailers: Http2Headers = {};
  #problem: GrpcError | undefined;
  #end: StreamEnd | undefined;

  constructor(call: OutgoingCall) {
    this.#call = call;
    this.#reader = new MessageReader(call.maxResponseBytes, unlimited);
  }

  headers(headers: Http2Headers): void {
    if (fieldOf(this.#headers, ':status') === undefined) this.#headers = headers;
    this.#trailers = headers;
  }

  data(bytes: Buffer, start: number, end: number): void {
    // The body of what is no gRPC is of no interest.
    if (this.#problem !== undefined || fieldOf(this.#headers, ':status') !== '200') return;
    const problem = this.#reader.push(bytes, start, end);
    if (problem !== undefined) this.#giveUp(this.#errorFor(problem));
  }

  ended(): void {
    this.#ended.resolve();
  }

  closed(end: StreamEnd): void {
    this.#end = end;
    this.#ended.resolve();
  }

  async result(): Promise<Buffer | 'unprocessed'> {
    const { limit } = this.#call;
    limit.watch((reason) => this.#giveUp(reason));
    await this.#ended.promise;
    limit.watch(undefined);
    if (this.#problem !== undefined) throw this.#problem;
    const status = fieldOf(this.#trailers, 'grpc-status');
    if (status === undefined) {
      if (this.#end?.isUnprocessed === true) return 'unprocessed';
      throw this.#withoutStatus();
    }
    const code = grpcCodeOf(Number(status));
    if (code !== grpcCodes.ok) throw errorOf(code, this.#trailers);
    return this.#message();
  }

  #giveUp(error: GrpcError): void {
    this.#problem ??= error;
    this.#ended.resolve();
  }

  #errorFor(problem: MessageProblem): GrpcError {
    if (problem === 'too large') return this.#tooLarge();
    return problem === 'second'
      ? new GrpcError(grpcCodes.unimplemented, 'the server answers with more than one message')
      : new GrpcError(grpcCodes.internal, 'the answer of the server is malformed');
  }

  #tooLarge(): GrpcError {
    const message = `the answer of the server is larger than ${this.#call.maxResponseBytes} bytes`;
    return new GrpcError(grpcCodes.resourceExhausted, message);
  }

  async #message(): Promise<Buffer> {
    const { message, isCompressed } = this.#reader;
    if (message === undefined) throw new GrpcError(grpcCodes.internal, 'the server answers without a whole message');
    if (!isCompressed) return message;
    const encoding = fieldOf(this.#headers, 'grpc-encoding') ?? '';
    const coding = codings.get(encoding);
    if (coding === undefined)
      throw new GrpcError(grpcCodes.internal, `the answer has the unknown compression ${JSON.stringify(encoding)}`);
    const result = await decompress(coding, message, this.#call.maxResponseBytes);
    if (result instanceof TooLargeError) throw this.#tooLarge();
    if (result instanceof ParseError) throw new GrpcError(grpcCodes.internal, result.message);
    return result;
  }

  /** What went wrong with a call that ended without a status. */
  #withoutStatus(): GrpcError {
    const status = fieldOf(this.#headers, ':status');
    if (status !== undefined && status !== '200')
      return new GrpcError(codeOfGateway(Number(status)), `the server answers with HTTP status ${status}`);
    const { code = http2Codes.noError, error } = this.#end ?? {};
    if (status !== undefined && code === http2Codes.noError)
      return new GrpcError(grpcCodes.unknown, 'the server answers without a status');
    // Whoever has reset the stream, and why: the same call may work later.
    const reason = error?.message ?? http2CodeName(code);
    return new GrpcError(grpcCodes.unavailable, `the call was cut off: ${reason}`, { cause: error });
  }
}

/** The error that trailers tell of. */
function errorOf(code: GrpcCode, trailers: Http2Headers): GrpcError {
  const message = decodeGrpcMessage(fieldOf(trailers, 'grpc-message') ?? '');
  const [details = ''] = (fieldOf(trailers, 'grpc-status-details-bin') ?? '').split(',');
  const status = decodeStatus(Buffer.from(details, 'base64'));
  return new GrpcError(code, message, status instanceof ParseError ? {} : { retryDelay: status.retryDelay });
}

/** The code for an answer that is none of gRPC, such as that of a proxy. */
function codeOfGateway(status: number): GrpcCode {
  switch (status) {
    case 400:
      return grpcCodes.internal;
    case 401:
      return grpcCodes.unauthenticated;
    case 403:
      return grpcCodes.permissionDenied;
    case 404:
      return grpcCodes.unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return grpcCodes.unavailable;
    default:
      return grpcCodes.unknown;
  }
}
