import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import * as grpc from '@grpc/grpc-js';
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { otlpKinds, type OtlpBatch, type OtlpKind } from '../model/otlp-batch.ts';
import { otlpMessage, readOtlp, writeOtlp } from './otlp-reference.ts';
import { referenceSnappy } from './push-reference.ts';
import { bodyOf, serve } from './test-server.ts';
import { until } from './until.ts';

/** A request as a collector got it. */
export interface CollectedRequest {
  readonly kind: OtlpKind;
  /** The path over HTTP. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Not compressed any more. */
  readonly body: Buffer;
  /** The names of its spans; empty for other kinds, and JSON. */
  readonly spans: readonly string[];
  readonly isAccepted: boolean;
}

/** A collector for tests. Close it with `await using`. */
export interface OtlpCollector<A> extends AsyncDisposable {
  /** As exporters want it. */
  readonly endpoint: string;
  readonly port: number;
  readonly requests: readonly CollectedRequest[];
  /** The names of all spans that it has accepted. */
  readonly spans: readonly string[];
  /** How it answers from now on, one after the other; the last answer is given to all that follow. */
  answer(...answers: readonly A[]): void;
  /** Waits until it has got so many requests. */
  got(requests: number): Promise<void>;
  /** Waits until it has accepted so many spans. */
  accepted(spans: number): Promise<void>;
}

/** A status, or one with headers and a body, or no answer, or whatever the function does. */
export type HttpAnswer =
  | number
  | 'hang'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Buffer | string }
  | ((response: ServerResponse) => void);

/** How a call ends: a code, a code with a message and metadata, or a message, or not at all. */
export type GrpcAnswer =
  | 'hang'
  | { readonly code: number; readonly details?: string; readonly metadata?: grpc.Metadata }
  | { readonly message: Buffer };

/** A batch of spans that are called `span N`, with numbers from `first` on. */
export function numberedSpans(count: number, first = 0): OtlpBatch {
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: Buffer.alloc(16, 7),
    spanId: Buffer.alloc(8, 1),
    name: `span ${first + index}`,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000100000000',
  }));
  const chunks = [writeOtlp('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] })];
  return { kind: 'traces', chunks, count, client: undefined };
}

/** The names of the spans in a request, as protobufjs reads it. */
export function spanNames(body: Buffer): string[] {
  const { resourceSpans = [] } = readOtlp('traces', body) as {
    resourceSpans?: { scopeSpans?: { spans?: { name: string }[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans.map(({ name }) => name)),
  );
}

/** A response to an export request that was taken in part. */
export function partialSuccess(kind: 'Trace' | 'Metrics' | 'Logs', partial: Record<string, unknown>): Buffer {
  const type = otlpMessage(`${kind}Response`);
  return Buffer.from(type.encode(type.fromObject({ partialSuccess: partial })).finish());
}

class Collected<A> {
  readonly requests: CollectedRequest[] = [];
  #answers: A[];

  constructor(usual: A) {
    this.#answers = [usual];
  }

  get spans(): string[] {
    return this.requests.flatMap(({ isAccepted, spans }) => (isAccepted ? spans : []));
  }

  answer(answers: readonly A[]): void {
    this.#answers = [...answers];
  }

  next(): A {
    const [first] = this.#answers;
    if (first === undefined) throw new Error('there is no answer');
    if (this.#answers.length > 1) this.#answers.shift();
    return first;
  }

  collector(endpoint: string, port: number, close: () => Promise<void>): OtlpCollector<A> {
    const spans = (): string[] => this.spans;
    return {
      endpoint,
      port,
      requests: this.requests,
      get spans() {
        return spans();
      },
      answer: (...answers) => this.answer(answers),
      got: (count) => until(() => this.requests.length >= count),
      accepted: (count) => until(() => this.spans.length >= count),
      [Symbol.asyncDispose]: close,
    };
  }
}

const codings: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  zlib: inflateSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
  snappy: (body) => Buffer.from(referenceSnappy.uncompress(body)),
};

/** A collector behind the HTTP server of Node. */
export async function startHttpCollector(tls?: ServerOptions, wantedPort = 0): Promise<OtlpCollector<HttpAnswer>> {
  const collected = new Collected<HttpAnswer>(200);
  const server = await serve(
    (request, response) => {
      void bodyOf(request).then(
        (packed) => {
          const path = request.url ?? '';
          const body = codings[request.headers['content-encoding'] ?? '']?.(packed) ?? packed;
          const kind = otlpKinds.find((candidate) => path.endsWith(`/v1/${candidate}`)) ?? 'traces';
          const isProto = request.headers['content-type'] === 'application/x-protobuf';
          const answer = collected.next();
          const status = typeof answer === 'number' ? answer : typeof answer === 'object' ? answer.status : 0;
          collected.requests.push({
            kind,
            path,
            headers: request.headers,
            body,
            spans: kind === 'traces' && isProto ? spanNames(body) : [],
            isAccepted: status >= 200 && status < 300,
          });
          if (answer === 'hang') return;
          if (typeof answer === 'function') answer(response);
          else if (typeof answer === 'number') response.writeHead(answer).end();
          else response.writeHead(answer.status, answer.headers).end(answer.body);
        },
        () => response.destroy(),
      );
    },
    tls,
    wantedPort,
  );
  const { url } = server;
  return collected.collector(url.href, Number(url.port), async () => {
    await server[Symbol.asyncDispose]();
  });
}

const services = {
  traces: 'trace.v1.TraceService',
  metrics: 'metrics.v1.MetricsService',
  logs: 'logs.v1.LogsService',
} as const;

const asBytes = (value: Buffer): Buffer => value;

/** A collector behind the gRPC server of another library. */
export async function startGrpcCollector(
  credentials = grpc.ServerCredentials.createInsecure(),
  wantedPort = 0,
): Promise<OtlpCollector<GrpcAnswer>> {
  const collected = new Collected<GrpcAnswer>({ message: Buffer.alloc(0) });
  const server = new grpc.Server();
  for (const kind of otlpKinds) {
    const path = `/opentelemetry.proto.collector.${services[kind]}/Export`;
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asBytes,
      requestDeserialize: asBytes,
      responseSerialize: asBytes,
      responseDeserialize: asBytes,
    };
    server.addService(
      { export: method },
      {
        export(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
          const answer = collected.next();
          const isAccepted = answer !== 'hang' && 'message' in answer;
          const spans = kind === 'traces' ? spanNames(call.request) : [];
          const headers = call.metadata.getMap() as IncomingHttpHeaders;
          collected.requests.push({ kind, path, headers, body: call.request, spans, isAccepted });
          if (answer === 'hang') return;
          if ('message' in answer) callback(null, answer.message);
          else callback(answer);
        },
      },
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wantedPort}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return collected.collector(`127.0.0.1:${port}`, port, () => {
    server.forceShutdown();
    return Promise.resolve();
  });
}
