import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { ownBuffer } from '../base/bytes.ts';

/** What connections receive here is used up before the next one reads. */
const received = ownBuffer(64 * 1024);

/** Takes what came, the first bytes of memory that is used again afterwards. */
export type Take = (bytes: Buffer, size: number) => void;

/** Options for a socket to come, so that it reads into memory that all share, rather than into new memory each time. */
export function sharedRead(take: Take): { buffer: Buffer; callback: (size: number) => true } {
  return {
    buffer: received,
    callback(size) {
      take(received, size);
      return true;
    },
  };
}

/** The part of a socket that its type declarations leave out, and its name. */
const handleName = '_handle';
interface HandledSocket {
  [handleName]: { reading?: boolean; readStop(): void } | null;
}

/**
 * Has a socket that a server has accepted read into that memory, too, and returns the socket to use from then on. Node.js offers
 * this for sockets that it connects only; so the connection is moved to a socket that is made for it. Where that cannot be, such
 * as for TLS, the socket stays, and what it reads is taken from it.
 */
export function readShared(socket: Duplex, take: Take): Duplex {
  const moved =
    socket instanceof Socket && socket.constructor === Socket && !socket.pending ? move(socket, take) : undefined;
  if (moved === undefined) socket.on('data', (chunk: Buffer) => take(chunk, chunk.length));
  return moved ?? socket;
}

function move(socket: Socket, take: Take): Socket | undefined {
  const source = socket as unknown as HandledSocket;
  const handle = source[handleName];
  if (handle === null || typeof handle.readStop !== 'function' || socket.readableLength > 0) return undefined;
  handle.readStop();
  handle.reading = false;
  source[handleName] = null;
  const options = { handle, allowHalfOpen: true, onread: sharedRead(take) };
  const moved = new Socket(options as unknown as SocketConstructorOpts);
  moved.on('close', () => socket.destroy());
  return moved;
}
