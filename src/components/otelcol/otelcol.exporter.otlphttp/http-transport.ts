import { longestTimeout } from '../../../base/duration.ts';
import { messageOf } from '../../../base/message-of.ts';
import { ReusedMemory } from '../../../base/reused-memory.ts';
import { encodeOtlpJson } from '../../../formats/otlp/json-encode.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';
import { compress, type Compression } from '../../../net/compression.ts';
import type { HttpClient } from '../../../net/http-client.ts';
import { HttpError } from '../../../net/http-error.ts';
import type { HttpHeaders } from '../../../net/http-message.ts';
import { headersToSend, withHeaders } from '../client-fields.ts';
import type { SendFailure, SendResult, Transport } from '../sending-queue/transport.ts';
import { resultOf, mediaTypes } from './classify.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { OtlpHttpArgs } from './fields.ts';
import { countRequest, portOf, type RequestMeters } from './request-metrics.ts';

/** More of a response is not read. */
const maxResponseBytes = 64 * 1024;

/** What is kept for messages to come. */
const maxFreeCopies = 8 * 1024 * 1024;

/** Of zstd; the others are not given levels that they do not have. */
const highestLevel = 22;

export interface HttpTransportContext {
  /** The transport closes it. */
  readonly client: HttpClient;
  /** Undefined if none are kept. */
  readonly cookies: CookieJar | undefined;
  readonly metrics: RequestMeters;
}

/** Sends requests as OTLP over HTTP. */
export class HttpTransport implements Transport {
  readonly #args: OtlpHttpArgs;
  readonly #context: HttpTransportContext;
  readonly #headers: HttpHeaders;
  /**
   * Copies of messages: a connection may go on reading one when nobody waits any more, such as after a timeout or an early answer,
   * while the memory of a batch is used again when that is delivered. What is used again here is seen by the same server only.
   */
  readonly #copies = new ReusedMemory(maxFreeCopies);
  readonly #urls: Readonly<Record<OtlpKind, URL | undefined>>;

  constructor(args: OtlpHttpArgs, context: HttpTransportContext) {
    const { client: settings, encoding } = args;
    this.#args = args;
    this.#context = context;
    this.#urls = urlsOf(args);
    this.#headers = {
      ...headersToSend(settings.headers),
      'content-type': mediaTypes[encoding],
      ...(compressionOf(settings.compression) === undefined ? {} : { 'content-encoding': settings.compression }),
    };
  }

  whereFor(kind: OtlpKind): readonly string[] | undefined {
    const url = this.#urls[kind];
    return url && [url.hostname, portOf(url), url.pathname];
  }

  async send(batch: OtlpBatch, signal: AbortSignal): Promise<SendResult> {
    const url = this.#urls[batch.kind];
    if (url === undefined) return failure(`there is no endpoint for ${batch.kind}`, false);
    const { encoding } = this.#args;
    const { auth, timeout } = this.#args.client;
    const { client, cookies, metrics } = this.#context;
    try {
      const body = await this.#bodyOf(batch);
      const cookie = cookies?.headerFor(url);
      const plain = { ...this.#headers, ...(cookie === undefined ? {} : { cookie }) };
      const request = { method: 'POST', url, headers: plain, body };
      const proof = await auth?.headersFor({ ...request, client: batch.client }, signal);
      const { host, ...headers } = withHeaders(plain, proof);
      const limit = timeout === 0 ? longestTimeout : timeout;
      const start = performance.now();
      const response = await client.request({
        ...request,
        headers,
        host: host === '' ? undefined : host?.toString(),
        signal,
        timeout: limit,
        maxResponseBytes,
      });
      // Without an answer, it is left as it is.
      this.#copies.give(body);
      countRequest(metrics, url, {
        status: response.status,
        duration: performance.now() - start,
        size: body.length,
      });
      if (response.status === 401) auth?.rejected?.();
      cookies?.keep(url, response.headers['set-cookie'] ?? []);
      return resultOf(response, { kind: batch.kind, url, encoding });
    } catch (error) {
      const kind = error instanceof HttpError ? error.kind : undefined;
      // What cannot be sent as it is never can, such as a header with characters that none may have.
      const isRetryable = kind !== undefined && kind !== 'request';
      const type = kind === 'timeout' ? 'Deadline_Exceeded' : kind === 'aborted' ? 'Canceled' : '_OTHER';
      return failure(messageOf(error), isRetryable, type);
    }
  }

  close(): void {
    this.#context.client.close();
  }

  #bodyOf(batch: OtlpBatch): Buffer | Promise<Buffer> {
    const isJson = this.#args.encoding === 'json';
    const { compression, compression_params: params } = this.#args.client;
    const coding = compressionOf(compression);
    if (coding === undefined) return isJson ? encodeOtlpJson(batch) : this.#copies.joined(batch.chunks);
    const chunks = isJson ? [encodeOtlpJson(batch)] : batch.chunks;
    const level = params?.level ?? 0;
    // The levels 0 and -1 are the usual one in Alloy, and -2 hardly compresses, as 1 does.
    if (level === 0 || level === -1) return compress(coding, chunks);
    return compress(coding, chunks, Math.min(Math.max(1, level), highestLevel));
  }
}

function failure(message: string, isRetryable: boolean, type = '_OTHER'): SendFailure {
  return { isDelivered: false, isRetryable, retryAfter: undefined, message, type };
}

function compressionOf(name: OtlpHttpArgs['client']['compression']): Compression | undefined {
  return name === 'none' || name === '' ? undefined : name;
}

/** Where requests of each kind go. */
function urlsOf(args: OtlpHttpArgs): Readonly<Record<OtlpKind, URL | undefined>> {
  const below = (kind: OtlpKind): URL | undefined => {
    const { endpoint } = args.client;
    if (endpoint === undefined) return undefined;
    const url = new URL(endpoint);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${kind}`;
    return url;
  };
  return {
    traces: args.traces_endpoint ?? below('traces'),
    metrics: args.metrics_endpoint ?? below('metrics'),
    logs: args.logs_endpoint ?? below('logs'),
  };
}
