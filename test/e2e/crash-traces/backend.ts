import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { bodyOf } from '../../../src/testkit/test-server.ts';
import type { Mode } from '../crash-logs/round.ts';
import type { Protocol } from './config.ts';
import { numbersIn } from './numbered-spans.ts';

/** What a mode does to one request: a delay before success, or why there is none. */
type Treatment = number | 'hang' | 'unavailable' | 'exhausted';

/** A backend for traces, from parts that are not ours. It keeps its address while it is down. */
export interface Backend extends AsyncDisposable {
  /** As the exporter wants it. */
  readonly endpoint: string;
  /** How often each span was delivered, that is, its request answered with success. */
  readonly delivered: ReadonlyMap<number, number>;
  treat(mode: Mode): Promise<void>;
}

export async function startBackend(protocol: Protocol): Promise<Backend> {
  const delivered = new Map<number, number>();
  let mode: Mode = 'up';
  const treatment = (): Treatment => {
    if (mode === 'hang') return 'hang';
    if (mode === '500') return 'unavailable';
    if (mode === '429') return 'exhausted';
    return mode === 'slow' ? 100 : 0;
  };
  const store = (request: Buffer): void => {
    for (const number of numbersIn(request)) delivered.set(number, (delivered.get(number) ?? 0) + 1);
  };
  const start = protocol === 'grpc' ? startGrpc : startHttp;
  let server: Listening | undefined = await start(0, treatment, store);
  const { port } = server;
  return {
    endpoint: protocol === 'grpc' ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`,
    delivered,
    async treat(wanted) {
      mode = wanted;
      if (wanted === 'down') {
        await server?.stop();
        server = undefined;
      } else {
        server ??= await again(() => start(port, treatment, store));
      }
    },
    async [Symbol.asyncDispose]() {
      await server?.stop();
    },
  };
}

/** While nobody listens, the port may be the other end of an attempt to connect to it. */
async function again<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

type Store = (request: Buffer) => void;

async function startHttp(port: number, treatment: () => Treatment, store: Store): Promise<Listening> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const how = treatment();
    if (how === 'hang') return;
    if (typeof how === 'string') {
      response.writeHead(how === 'unavailable' ? 500 : 429).end();
      return;
    }
    if (how > 0) await new Promise((resolve) => setTimeout(resolve, how));
    if (response.destroyed) return;
    store(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server: Server = createServer((request, response) => {
    // The collector may be killed while it sends.
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const asBytes = (value: Buffer): Buffer => value;

const service: grpc.ServiceDefinition = {
  export: {
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  },
};

async function startGrpc(port: number, treatment: () => Treatment, store: Store): Promise<Listening> {
  const server = new grpc.Server();
  server.addService(service, {
    export(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
      const how = treatment();
      if (how === 'hang') return;
      if (typeof how === 'string') {
        callback({ code: how === 'unavailable' ? grpc.status.UNAVAILABLE : grpc.status.ABORTED, details: how });
        return;
      }
      setTimeout(() => {
        if (call.cancelled) return;
        store(call.request);
        callback(null, Buffer.alloc(0));
      }, how);
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  return {
    port: bound,
    stop() {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
