import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ParseError } from '../src/base/parse-error.ts';
import { FieldReader, wireType } from '../src/formats/protobuf/field-reader.ts';
import { decompress } from '../src/formats/snappy/decompress.ts';

/** What has arrived. */
export interface Received {
  readonly samples: number;
  /** Those of them that are of the first target. */
  readonly exploded: number;
  /** Samples of other targets that say that a series has ended. */
  readonly ended: number;
  readonly requests: number;
  readonly bytes: number;
}

/*
 * An endpoint for version 1 of remote write in a process of its own. Tells its port to the parent, and then, each time the
 * parent asks, what has arrived.
 */
let samples = 0;
let exploded = 0;
let ended = 0;
let requests = 0;
let bytes = 0;
/** The value of a label in a time series, and that of a sample. */
const firstTarget = Buffer.from('\x12\x08target-0');
const staleValue = Buffer.from('09020000000000f07f', 'hex');
const request = new FieldReader();
const series = new FieldReader();

/** Only as much is read as is needed to count. */
function countSamples(body: Buffer): void {
  request.open(body, 0, body.length);
  while (request.next()) {
    if (!request.is(1, wireType.bytes)) continue;
    const isOfFirst = body.subarray(request.start, request.end).includes(firstTarget);
    series.open(body, request.start, request.end);
    while (series.next()) {
      if (!series.is(2, wireType.bytes)) continue;
      samples++;
      if (isOfFirst) exploded++;
      else if (staleValue.equals(body.subarray(series.start, series.start + staleValue.length))) ended++;
    }
  }
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
    countSamples(body);
    requests++;
    bytes += packed.length;
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ samples, exploded, ended, requests, bytes } satisfies Received));
