import type { IncomingMessage, RequestListener } from 'node:http';
import { ByteBudget, type Reservation } from '../../../base/byte-budget.ts';
import { longestTimeout, type Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { receivedMemory } from '../../../base/reused-memory.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import { checkOtlpRequest } from '../../../formats/otlp/check-request.ts';
import { decodeOtlpJson } from '../../../formats/otlp/json-decode.ts';
import { otlpKinds, type OtlpClient, type OtlpKind } from '../../../model/otlp-batch.ts';
import { decompress, type ContentCoding } from '../../../net/compression.ts';
import { GrpcError, encodeStatus, grpcCodes, httpStatusOf, statusJson } from '../../../net/grpc/grpc-status.ts';
import { textAnswer, type HttpAnswer } from '../../../net/http-answer.ts';
import { routeRequests, type HttpExchange, type HttpRoute, type RequestObserver } from '../../../net/http-exchange.ts';
import { readRawBody } from '../../../net/raw-body.ts';
import { AuthRefusal } from '../auth-handler.ts';
import { clientOf } from './client-info.ts';
import { Cors } from './cors.ts';
import { largestBody, type HttpArgs } from './fields.ts';
import type { Intake } from './intake.ts';
import type { OtlpReceiverMeters } from './metrics.ts';
import { memoryFor } from './server-settings.ts';

/** The forms of bodies, and the answer to a request that was accepted in each. */
const forms = {
  'application/x-protobuf': Buffer.from([0x0a, 0x00]),
  'application/json': Buffer.from('{"partialSuccess":{}}'),
} as const;

type Form = keyof typeof forms;

/** Takes export requests over HTTP. */
export class HttpRequests {
  readonly listener: RequestListener;
  readonly #args: HttpArgs;
  readonly #intake: Intake;
  readonly #meters: OtlpReceiverMeters;
  readonly #budget: ByteBudget;

  constructor(args: HttpArgs, intake: Intake, meters: OtlpReceiverMeters, log: Log, observer: RequestObserver) {
    this.#args = args;
    this.#intake = intake;
    this.#meters = meters;
    this.#budget = new ByteBudget(memoryFor(largestBody(args)));
    const listener = routeRequests(this.#routes(), observer, log);
    this.listener = args.keep_alives_enabled ? listener : closing(listener);
    if (args.cors?.allowed_origins.length === 0 && args.cors.allowed_headers.length > 0)
      log.warn('allowed_headers of cors have no effect without allowed_origins');
  }

  #routes(): HttpRoute[] {
    const { cors: corsArgs, traces_url_path: traces, metrics_url_path: metrics, logs_url_path: logs } = this.#args;
    const cors = corsArgs === undefined || corsArgs.allowed_origins.length === 0 ? undefined : new Cors(corsArgs);
    const paths: Readonly<Record<OtlpKind, string>> = { traces, metrics, logs };
    return otlpKinds
      .filter((kind) => this.#intake.takes(kind))
      .map((kind) => ({
        method: 'any',
        path: paths[kind],
        name: paths[kind],
        handle: async (exchange) => {
          const { request } = exchange;
          if (cors === undefined) return this.#answer(exchange, kind);
          if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined)
            return cors.preflight(request.headers);
          const answer = await this.#answer(exchange, kind);
          return { ...answer, headers: { ...answer.headers, ...cors.headersFor(request.headers) } };
        },
      }));
  }

  async #answer(exchange: HttpExchange, kind: OtlpKind): Promise<HttpAnswer> {
    const { request } = exchange;
    const auth = await this.#args.auth?.authenticate(request.headers, request.socket.remoteAddress);
    if (auth instanceof AuthRefusal) {
      this.#invalid('unauthenticated');
      return textAnswer(401, auth.message);
    }
    if (request.method !== 'POST') return plain(405, '405 method not allowed, supported: [POST]');
    const form = formOf(request);
    if (form === undefined)
      return plain(415, '415 unsupported media type, supported: [application/json, application/x-protobuf]');
    const memory = this.#budget.open();
    try {
      const body = await this.#body(exchange, memory);
      const { include_metadata: includesMetadata } = this.#args;
      // A header that comes several times has several values.
      const headers = includesMetadata ? request.headersDistinct : {};
      const client = clientOf(headers, request.socket.remoteAddress, includesMetadata, auth);
      await this.#take(exchange, kind, form, body, client);
      return { status: 200, headers: { 'content-type': form }, body: forms[form] };
    } catch (error) {
      return statusAnswer(form, GrpcError.from(error));
    } finally {
      memory.release();
      this.#meters.inflightBytes.with('http').set(this.#budget.used);
    }
  }

  /** The body, unpacked. */
  async #body(exchange: HttpExchange, memory: Reservation): Promise<Buffer> {
    const coding = (exchange.request.headers['content-encoding'] ?? '').trim().toLowerCase();
    const name = coding === 'identity' ? '' : coding;
    if (!this.#args.compression_algorithms.includes(name))
      throw this.#refusal('compression', `unsupported Content-Encoding: ${JSON.stringify(coding)}`);
    const maxBytes = largestBody(this.#args);
    const raw = await readRawBody(exchange, { maxBytes, memory });
    if (raw === 'too large') throw this.#refusal('too_large', `request body too large, at most ${maxBytes} bytes`);
    if (raw === 'no memory') throw this.#noMemory();
    if (name === '') return raw;
    // Nobody knows how large it will get; two of the largest bodies fit in any case.
    if (!memory.take(maxBytes)) throw this.#noMemory();
    const body = await decompress(name as ContentCoding, raw, maxBytes);
    receivedMemory.give(raw);
    if (body instanceof ParseError) throw this.#refusal('compression', body.message);
    memory.giveBack(raw.length + maxBytes - body.length);
    return body;
  }

  async #take({ signal }: HttpExchange, kind: OtlpKind, form: Form, body: Buffer, client: OtlpClient): Promise<void> {
    const parse = form === 'application/json' ? decodeOtlpJson : checkOtlpRequest;
    const batch = parse(kind, body, client);
    if (parse === decodeOtlpJson) receivedMemory.give(body);
    if (batch instanceof ParseError) throw this.#refusal('malformed', batch.message);
    const patience = new Patience(signal, this.#args.write_timeout);
    try {
      const error = await Promise.race([this.#intake.take(batch, 'http', patience.signal), patience.over]);
      if (error !== undefined) throw error;
    } finally {
      patience.end();
    }
  }

  #refusal(reason: string, message: string): GrpcError {
    this.#invalid(reason);
    return new GrpcError(grpcCodes.invalidArgument, message);
  }

  #noMemory(): GrpcError {
    this.#invalid('memory');
    const retryDelay = 1000;
    return new GrpcError(grpcCodes.resourceExhausted, 'too many bytes are under way', { retryDelay });
  }

  #invalid(reason: string): void {
    this.#meters.invalidRequests.with('http', reason).inc();
  }
}

/** How long a client waits for what it sent to be accepted. */
class Patience {
  readonly #abort = new AbortController();
  readonly #from: AbortSignal;
  readonly #over = Promise.withResolvers<DeliveryError>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(from: AbortSignal, timeout: Milliseconds) {
    this.#from = from;
    if (from.aborted) this.#giveUp();
    else from.addEventListener('abort', this.#giveUp);
    if (timeout > 0) this.#timer = setTimeout(this.#giveUp, Math.min(timeout, longestTimeout));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves when nobody waits any more. */
  get over(): Promise<DeliveryError> {
    return this.#over.promise;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#from.removeEventListener('abort', this.#giveUp);
  }

  readonly #giveUp = (): void => {
    this.#abort.abort();
    this.#over.resolve(new DeliveryError('what was sent was not accepted in time', { retryable: true }));
  };
}

/** Ends connections after the answer. */
function closing(listener: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('connection', 'close');
    listener(request, response);
  };
}

function formOf({ headers }: IncomingMessage): Form | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return type !== undefined && Object.hasOwn(forms, type) ? (type as Form) : undefined;
}

/** Why a request failed, in the form of the request. */
function statusAnswer(form: Form, error: GrpcError): HttpAnswer {
  const status = httpStatusOf(error.code);
  const isLater = (status === 429 || status === 503) && error.retryDelay !== undefined;
  const wait = isLater ? { 'retry-after': String(Math.ceil((error.retryDelay ?? 0) / 1000)) } : {};
  const body = form === 'application/json' ? statusJson(error) : encodeStatus(error);
  return { status, headers: { 'content-type': form, ...wait }, body };
}

function plain(status: number, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
