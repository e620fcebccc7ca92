import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

/*
 * The least that anything must do that takes requests and sends them on: receive the bytes, and send the same bytes, with
 * what Node.js brings. The protocol, and the port to send to. Tells the port it listens on to the parent.
 */
const [protocol = 'grpc', to = '0'] = process.argv.slice(2);
if (protocol === 'grpc') relayGrpc();
else relayHttp();

function relayGrpc(): void {
  const client = http2.connect(`http://127.0.0.1:${to}`, { settings: { enablePush: false } });
  const server = http2.createServer({ settings: { initialWindowSize: 4 * 1024 * 1024 } });
  server.on('session', (session) => session.setLocalWindowSize(16 * 1024 * 1024));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const encoding = headers['grpc-encoding'];
      const onward = client.request({
        ':method': 'POST',
        ':path': headers[':path'],
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
      });
      onward.resume();
      onward.on('end', () => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.alloc(5));
      });
      for (const chunk of chunks) onward.write(chunk);
      onward.end();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

function relayHttp(): void {
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-length': length, 'content-encoding': encoding } = request.headers;
      const onward = http.request(
        {
          agent,
          host: '127.0.0.1',
          port: to,
          method: 'POST',
          path: request.url,
          headers: {
            'content-type': 'application/x-protobuf',
            'content-length': length,
            ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
          },
        },
        (answer) => {
          answer.resume();
          answer.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
        },
      );
      for (const chunk of chunks) onward.write(chunk);
      onward.end();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}
