import type { ClientRequest, IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { isIP } from 'node:net';
import type { ByteBuilder } from '../base/byte-builder.ts';
import type { Route } from './connections.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';
import { PlainConnections } from './plain-connections.ts';

/** What is read beyond the wanted part of a body, so that the connection can be used again. */
const drainBytes = 64 * 1024;

/** That the peer has closed an idle connection is only noticed when it is used: try the next one, so many times. */
const maxStaleConnections = 5;

/** One request as it is sent, and how much of its response is wanted. */
export interface Exchange {
  readonly route: Route;
  readonly method: string;
  readonly headers: HttpHeaders;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal;
  readonly maxResponseBytes: number;
  readonly into: ByteBuilder | undefined;
}

/** Sends a request and reads the response. Rejects with the error of the socket. */
export function perform({ route, ...exchange }: Exchange): Promise<HttpResponse> {
  const { over, host, port, path } = route;
  const headers = { ...exchange.headers, ...route.headers };
  if (over instanceof PlainConnections) return over.request({ ...exchange, host, port, path, headers });
  return performSecurely({ ...exchange, headers }, { host, port, path, agent: over });
}

async function performSecurely(
  { method, headers, body, signal, maxResponseBytes }: Omit<Exchange, 'route'>,
  to: https.RequestOptions & { readonly host: string },
): Promise<HttpResponse> {
  // Otherwise Node takes what the server is called in the request.
  const servername = isIP(to.host) === 0 ? to.host : '';
  for (let stale = 0; ; stale++) {
    const request = https.request({ ...to, servername, method, headers, signal });
    let response: IncomingMessage;
    try {
      response = await responseTo(request, body);
    } catch (error) {
      if (request.reusedSocket && isReset(error) && stale < maxStaleConnections) continue;
      throw error;
    }
    return readResponse(response, maxResponseBytes);
  }
}

function responseTo(request: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** Reads a body to its end and keeps its beginning. Of a body that is much longer than wanted, the rest is not read. */
function readResponse(response: IncomingMessage, maxBytes: number): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let kept = 0;
    let received = 0;
    const done = (): void => {
      const [first = Buffer.alloc(0)] = chunks;
      const body = chunks.length <= 1 ? first : Buffer.concat(chunks, kept);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body,
        isTruncated: received > maxBytes,
      });
    };
    response.on('data', (chunk: Buffer) => {
      received += chunk.length;
      const part = chunk.subarray(0, maxBytes - kept);
      if (part.length > 0) {
        chunks.push(part);
        kept += part.length;
      }
      if (received <= maxBytes + drainBytes) return;
      done();
      response.destroy();
    });
    response.on('end', done);
    response.on('error', reject);
  });
}
