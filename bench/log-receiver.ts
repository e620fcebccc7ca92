import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodePush } from '../src/formats/loki-push/decode.ts';
import { decompress } from '../src/formats/snappy/decompress.ts';
import { ParseError } from '../src/base/parse-error.ts';

/*
 * A push endpoint in a process of its own. Tells its port to the parent, and then, each time the parent asks, how many
 * entries and bytes have arrived.
 */
let entries = 0;
let bytes = 0;
let requests = 0;

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = decompress(Buffer.concat(chunks), 100 * 1024 * 1024);
    const push = body instanceof ParseError ? body : decodePush(body, Date.now());
    if (body instanceof ParseError || push instanceof ParseError) {
      response.writeHead(400).end('not a push request\n');
      return;
    }
    entries += push.batch?.count ?? 0;
    bytes += body.length;
    requests++;
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ entries, bytes, requests }));
