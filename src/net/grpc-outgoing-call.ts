import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader, OutgoingHttpHeaders } from 'node:http2';
import { ParseError, TooLargeError } from '../base/parse-error.ts';
import { decompress, type ContentCoding } from './compression.ts';
import type { CallLimit } from './grpc-call-limit.ts';
import { MessageReader, type MessageProblem } from './grpc-framing.ts';
import { decodeGrpcMessage } from './grpc-headers.ts';
import type { GrpcSession } from './grpc-session.ts';
import { decodeStatus, GrpcError, grpcCodeOf, grpcCodes, type GrpcCode } from './grpc-status.ts';
import { http2 } from './node-http2.ts';

/** A call as it is sent. */
export interface OutgoingCall {
  readonly headers: OutgoingHttpHeaders;
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
  let stream: ClientHttp2Stream;
  try {
    stream = session.request(call.headers);
  } catch (error) {
    if (isSessionOver(error)) return 'unprocessed';
    throw new GrpcError(grpcCodes.internal, `the call cannot be sent: ${(error as Error).message}`, { cause: error });
  }
  const answer = new Answer(stream, call);
  write(stream, call.body);
  return answer.result();
}

/** All parts are handed over at once, so that they need not be put together. */
function write(stream: ClientHttp2Stream, body: readonly Buffer[]): void {
  stream.cork();
  for (const part of body) stream.write(part);
  stream.end();
  stream.uncork();
}

function isSessionOver(error: unknown): boolean {
  const codes = ['ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION', 'ERR_HTTP2_OUT_OF_STREAMS'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Reads what comes back on the stream of a call. */
class Answer {
  readonly #stream: ClientHttp2Stream;
  readonly #call: OutgoingCall;
  readonly #reader: MessageReader;
  readonly #ended = Promise.withResolvers<void>();
  #headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  /** With the status of the call; headers if there is nothing else. */
  #trailers: IncomingHttpHeaders = {};
  #problem: GrpcError | undefined;
  #broken: Error | undefined;

  constructor(stream: ClientHttp2Stream, call: OutgoingCall) {
    this.#stream = stream;
    this.#call = call;
    this.#reader = new MessageReader(call.maxResponseBytes, unlimited);
    stream.on('response', (headers) => {
      this.#headers = headers;
      if (headers['grpc-status'] !== undefined) this.#trailers = headers;
    });
    stream.on('trailers', (trailers) => (this.#trailers = trailers));
    stream.on('data', (piece: Buffer) => this.#receive(piece));
    stream.on('error', (error) => (this.#broken = error));
    stream.on('end', () => this.#ended.resolve());
    stream.on('close', () => this.#ended.resolve());
  }

  async result(): Promise<Buffer | 'unprocessed'> {
    const { limit } = this.#call;
    limit.watch((reason) => this.#giveUp(reason));
    await this.#ended.promise;
    limit.watch(undefined);
    if (this.#problem !== undefined) throw this.#problem;
    const status = this.#trailers['grpc-status'];
    if (status === undefined) {
      if (this.#stream.rstCode === http2().constants.NGHTTP2_REFUSED_STREAM) return 'unprocessed';
      throw this.#withoutStatus();
    }
    const code = grpcCodeOf(Number(status));
    if (code !== grpcCodes.ok) throw errorOf(code, this.#trailers);
    return this.#message();
  }

  #receive(piece: Buffer): void {
    // The body of what is no gRPC is of no interest.
    if (this.#problem !== undefined || this.#headers[':status'] !== 200) return;
    const problem = this.#reader.push(piece);
    if (problem !== undefined) this.#giveUp(this.#errorFor(problem));
  }

  #giveUp(error: GrpcError): void {
    this.#problem ??= error;
    this.#stream.close(http2().constants.NGHTTP2_CANCEL);
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
    const encoding = String(this.#headers['grpc-encoding'] ?? '');
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
    const httpStatus = this.#headers[':status'];
    if (httpStatus !== undefined && httpStatus !== 200)
      return new GrpcError(codeOfGateway(httpStatus), `the server answers with HTTP status ${httpStatus}`);
    if (httpStatus !== undefined && this.#broken === undefined && this.#stream.rstCode === 0)
      return new GrpcError(grpcCodes.unknown, 'the server answers without a status');
    // Whoever has reset the stream, and why: the same call may work later.
    const reason = this.#broken === undefined ? '' : `: ${this.#broken.message}`;
    return new GrpcError(grpcCodes.unavailable, `the call was cut off${reason}`, { cause: this.#broken });
  }
}

/** The error that trailers tell of. */
function errorOf(code: GrpcCode, trailers: IncomingHttpHeaders): GrpcError {
  const message = decodeGrpcMessage(String(trailers['grpc-message'] ?? ''));
  const [details = ''] = String(trailers['grpc-status-details-bin'] ?? '').split(',');
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
