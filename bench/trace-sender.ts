import http from 'node:http';
import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';
import { renumber, traceIdOffsets, traceRequests } from './trace-requests.ts';

/*
 * Clients that send export requests in a process of their own, as fast as they are answered: the protocol, the port, the
 * spans of a request, and whether it is compressed; and how many spans a second at most. Begins when the parent sends a
 * message, and tells the number of spans that were accepted for each further one.
 */
const [protocol = 'grpc', port = '0', spans = '50', compression = 'none', rate = 'Infinity'] = process.argv.slice(2);
const pause = (1000 * Number(spans)) / Number(rate);
const isCompressed = compression === 'gzip';
/** Requests on their way at a time. */
const clients = 8;
const requests = traceRequests(40, Number(spans));
const offsets = requests.map(traceIdOffsets);
/** Compressed ones cannot be changed when they are sent. */
const compressed = isCompressed
  ? Array.from({ length: 1000 }, (_, number) => {
      const at = number % requests.length;
      renumber(requests[at] as Buffer, offsets[at] ?? [], number);
      return gzipSync(requests[at] as Buffer, { level: 1 });
    })
  : undefined;
let number = 0;

/** The next request, whose traces have ids that no other one had, as far as that is possible. */
function nextRequest(): Buffer {
  number++;
  if (compressed !== undefined) return compressed[number % compressed.length] as Buffer;
  const at = number % requests.length;
  const request = Buffer.from(requests[at] as Buffer);
  renumber(request, offsets[at] ?? [], number);
  return request;
}

let accepted = 0;
let refused = 0;
let isBegun = false;
let due = 0;
process.on('message', () => {
  if (isBegun) process.send?.({ spans: accepted * Number(spans), refused });
  else begin();
  isBegun = true;
});
process.send?.({});

function begin(): void {
  const send = protocol === 'grpc' ? overGrpc() : overHttp();
  for (let client = 0; client < clients; client++) void run(send);
}

async function run(send: (request: Buffer) => Promise<boolean>): Promise<void> {
  for (;;) {
    due = Math.max(due, performance.now() - 1000) + pause;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (await send(nextRequest())) accepted++;
    else refused++;
  }
}

function overGrpc(): (request: Buffer) => Promise<boolean> {
  const session = http2.connect(`http://127.0.0.1:${port}`, { settings: { enablePush: false } });
  const headers = {
    ':method': 'POST',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(isCompressed ? { 'grpc-encoding': 'gzip' } : {}),
  };
  return (request) =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers);
      let status = '';
      // An error without a message comes in the head.
      stream.on('response', (head) => (status = String(head['grpc-status'] ?? '')));
      stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'])));
      stream.on('error', reject);
      stream.on('end', () => resolve(status === '0'));
      stream.resume();
      const head = Buffer.alloc(5);
      head.writeUInt8(isCompressed ? 1 : 0);
      head.writeUInt32BE(request.length, 1);
      stream.write(head);
      stream.end(request);
    });
}

function overHttp(): (request: Buffer) => Promise<boolean> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const headers = {
    'content-type': 'application/x-protobuf',
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  };
  return (request) =>
    new Promise((resolve, reject) => {
      const options = { agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/traces' };
      const outgoing = http.request(
        { ...options, headers: { ...headers, 'content-length': request.length } },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode === 200));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(request);
    });
}
