import * as grpc from '@grpc/grpc-js';
import { requestOf } from './numbered-spans.ts';

const spansPerRequest = 20;
/** A client that gets no answer asks again. */
const timeout = 2000;
const pause = 20;

const asBytes = (value: Buffer): Buffer => value;

/** Clients that send numbered spans, and again what was not acknowledged, as instrumented programs do. */
export class NumberedClients {
  /** The spans whose requests were answered with success. */
  readonly acknowledged: number[] = [];
  #next = 1;
  #isStopped = false;
  readonly #grpc: grpc.Client;
  readonly #url: string;
  readonly #running: Promise<unknown>;

  constructor(grpcPort: number, httpPort: number) {
    this.#grpc = new grpc.Client(`127.0.0.1:${grpcPort}`, grpc.credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.min_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 200,
    });
    this.#url = `http://127.0.0.1:${httpPort}/v1/traces`;
    const overGrpc = (request: Buffer): Promise<boolean> => this.#overGrpc(request);
    const overHttp = (request: Buffer): Promise<boolean> => this.#overHttp(request);
    this.#running = Promise.all([overGrpc, overHttp, overGrpc, overHttp].map((send) => this.#run(send)));
  }

  /** Resolves when all that was begun is acknowledged, which needs a collector that runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    this.#grpc.close();
  }

  async #run(send: (request: Buffer) => Promise<boolean>): Promise<void> {
    while (!this.#isStopped) {
      const first = this.#next;
      this.#next += spansPerRequest;
      const request = requestOf(first, spansPerRequest);
      while (!(await send(request))) await new Promise((resolve) => setTimeout(resolve, pause));
      for (let number = first; number < first + spansPerRequest; number++) this.acknowledged.push(number);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #overHttp(request: Buffer): Promise<boolean> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(request),
        signal: AbortSignal.timeout(timeout),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      // The collector is down, or has gone before it answered.
      return false;
    }
  }

  #overGrpc(request: Buffer): Promise<boolean> {
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    const options = { deadline: Date.now() + timeout };
    return new Promise((resolve) => {
      this.#grpc.makeUnaryRequest(path, asBytes, asBytes, request, new grpc.Metadata(), options, (error) =>
        resolve(error === null),
      );
    });
  }
}
