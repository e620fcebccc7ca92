import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ParseError } from '../src/base/parse-error.ts';
import { FieldReader, wireType } from '../src/formats/protobuf/field-reader.ts';
import { decompress } from '../src/formats/snappy/decompress.ts';

/*
 * An endpoint for version 1 of remote write in a process of its own. Tells its port to the parent, and then, each time the
 * parent asks, how many samples, requests and bytes have arrived.
 */
let samples = 0;
let requests = 0;
let bytes = 0;
const request = new FieldReader();
const series = new FieldReader();

/** Only as much is read as is needed to count. */
function countSamples(body: Buffer): number {
  let count = 0;
  request.open(body, 0, body.length);
  while (request.next()) {
    if (!request.is(1, wireType.bytes)) continue;
    series.open(body, request.start, request.end);
    while (series.next()) if (series.is(2, wireType.bytes)) count++;
  }
  return count;
}

const server = http.createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const packed = Buffer.concat(chunks);
    const body = decompress(packed, 100 * 1024 * 1024);
    if (body instanceof ParseError) {
      response.writeHead(400).end('not a write request\n');
      return;
    }
    samples += countSamples(body);
    requests++;
    bytes += packed.length;
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ samples, requests, bytes }));
