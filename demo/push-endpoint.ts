import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { styleText } from 'node:util';
import { ParseError } from '../src/base/parse-error.ts';
import { formatRfc3339Nano } from '../src/base/rfc3339.ts';
import { decodePush } from '../src/formats/loki-push/decode.ts';
import { decompress } from '../src/formats/snappy/decompress.ts';
import { entriesOf, type LogBatch } from '../src/model/log-batch.ts';

const maxRequestSize = 16 * 1024 * 1024;

/** Starts a server that takes Loki push requests and prints their entries. Returns the URL to push to. */
export async function startPushEndpoint(): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const batch = read(Buffer.concat(chunks));
      if (batch instanceof ParseError) {
        response.writeHead(400).end(`${batch.message}\n`);
        return;
      }
      if (batch !== undefined) print(batch);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The program decides how long it runs, not the endpoint.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/loki/api/v1/push`;
}

function read(body: Buffer): LogBatch | ParseError | undefined {
  const bytes = decompress(body, maxRequestSize);
  const push = bytes instanceof ParseError ? bytes : decodePush(bytes, Date.now());
  return push instanceof ParseError ? push : push.batch;
}

function print(batch: LogBatch): void {
  for (const { line, seconds, nanos, labels, metadata } of entriesOf(batch)) {
    const pairs = metadata.map(({ name, value }) => ` ${name}=${value}`).join('');
    console.log(
      `${styleText('dim', formatRfc3339Nano(seconds, nanos))} ${styleText('cyan', labels.toString())}${styleText('magenta', pairs)}\n    ${line}`,
    );
  }
}
