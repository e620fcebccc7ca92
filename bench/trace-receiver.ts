import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { FieldReader, wireType } from '../src/formats/protobuf/field-reader.ts';

/*
 * A backend in a process of its own: OTLP over gRPC on one port, which may be given, and over HTTP on another one, which takes
 * anything else, too. Tells its ports to the parent, and then, each time the parent asks, how many spans, requests and bytes have
 * arrived.
 */
const [grpcPort = '0'] = process.argv.slice(2);
let spans = 0;
let requests = 0;
let bytes = 0;
let otherRequests = 0;
const resources = new FieldReader();
const scopes = new FieldReader();
const items = new FieldReader();

function store(packed: Buffer, isCompressed: boolean): void {
  requests++;
  bytes += packed.length;
  const body = isCompressed ? gunzipSync(packed) : packed;
  resources.open(body, 0, body.length);
  while (resources.next()) {
    scopes.open(body, resources.start, resources.end);
    while (scopes.next()) {
      if (!scopes.is(2, wireType.bytes)) continue;
      items.open(body, scopes.start, scopes.end);
      while (items.next()) if (items.is(2, wireType.bytes)) spans++;
    }
  }
}

const grpcServer = http2.createServer({ settings: { initialWindowSize: 4 * 1024 * 1024 } });
grpcServer.on('session', (session) => session.setLocalWindowSize(16 * 1024 * 1024));
grpcServer.on('stream', (stream, headers) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => stream.close());
  stream.on('end', () => {
    const message = Buffer.concat(chunks);
    store(message.subarray(5), message[0] === 1 && headers['grpc-encoding'] === 'gzip');
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
});

const httpServer = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/v1/traces') {
      store(Buffer.concat(chunks), request.headers['content-encoding'] === 'gzip');
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    } else {
      otherRequests++;
      response.writeHead(204).end();
    }
  });
});
httpServer.keepAliveTimeout = 60_000;

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}

grpcServer.listen(Number(grpcPort), '127.0.0.1', () => {
  httpServer.listen(0, '127.0.0.1', () => {
    process.send?.({ grpc: portOf(grpcServer), http: portOf(httpServer) });
  });
});
process.on('message', () => process.send?.({ spans, requests, bytes, otherRequests }));
