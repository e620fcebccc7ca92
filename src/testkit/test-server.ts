import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';

/** An HTTP server on a free port of this machine. Close it with `await using`. */
export interface TestServer extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: URL;
  /** How many connections were made to it so far. */
  readonly connections: number;
  readonly server: http.Server;
}

/** Starts a server, with TLS if there are options for it, on a free port unless one is given. */
export async function serve(
  handler: http.RequestListener,
  tls?: https.ServerOptions,
  wantedPort = 0,
): Promise<TestServer> {
  const server = tls === undefined ? http.createServer(handler) : https.createServer(tls, handler);
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wantedPort, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`),
    get connections() {
      return connections;
    },
    server,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The whole body of a request. */
export async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A port of this machine that nobody listens on for now. */
export async function freePort(): Promise<number> {
  await using server = await serve(() => undefined);
  return Number(server.url.port);
}
