import assert from 'node:assert/strict';
import * as net from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { readShared, sharedRead } from './shared-read.ts';
import { until } from '../testkit/until.ts';

test('what a server accepts is read into memory that all share, and goes on like the socket it was', async () => {
  const texts: string[] = [];
  const memory = new Set<unknown>();
  let closed = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('close', () => closed++);
    const moved = readShared(socket, (bytes, size) => {
      memory.add(bytes.buffer);
      texts.push(bytes.toString('latin1', 0, size));
      moved.write(`got ${size}`);
    });
    assert.notEqual(moved, socket);
    moved.on('end', () => moved.end('bye'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  for (const text of ['hello', 'you']) {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      if (answer === `got ${text.length}`) socket.end();
    });
    await new Promise((resolve) => socket.on('close', resolve));
    assert.equal(answer, `got ${text.length}bye`);
  }
  assert.deepEqual(texts, ['hello', 'you']);
  assert.equal(memory.size, 1);
  await until(() => closed === 2);
  await new Promise((resolve) => server.close(resolve));
});

test('what cannot be read so is read as it comes: other streams, and what was read already', async () => {
  const texts: string[] = [];
  const take = (bytes: Buffer, size: number): void => void texts.push(bytes.toString('latin1', 0, size));
  const stream = new PassThrough();
  assert.equal(readShared(stream, take), stream);
  stream.write('from a stream');
  await until(() => texts.length === 1);

  const server = net.createServer((socket) => void socket.end('early'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  assert.equal(readShared(socket, take), socket, 'it is not connected yet');
  await until(() => texts.length === 2);
  assert.deepEqual(texts, ['from a stream', 'early']);
  server.close();
});

test('a socket to come can read so, too', async () => {
  const server = net.createServer((socket) => void socket.end('from the server'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  let text = '';
  net.connect({
    port,
    host: '127.0.0.1',
    onread: sharedRead((bytes, size) => (text += bytes.toString('latin1', 0, size))),
  });
  await until(() => text === 'from the server');
  server.close();
});
