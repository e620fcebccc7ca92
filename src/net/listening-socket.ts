import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Milliseconds } from '../base/duration.ts';
import { showListenAddress, type ListenAddress } from './listen-address.ts';

/** How long a socket that nobody wants any more waits for the next owner. */
const lingerTime = 2000;

/** Takes the connections that come in, and errors such as too many open files. */
export interface ConnectionHandler {
  connected(socket: Socket): void;
  failed(error: Error): void;
}

/** A listening socket on loan. */
export interface ListeningSocket {
  /** With the real port where 0 was asked for. */
  readonly address: ListenAddress;
  /** Gives it back. Connections that were taken are not touched. */
  release(): void;
}

/** What the program listens on, by address. */
const sockets = new Map<string, SharedSocket>();

/**
 * Listens on an address. A socket that was released shortly before is taken over with the connections that came in
 * meanwhile, so that a server which is replaced refuses nobody. If the program itself uses the address, waits that long
 * until it is given back. Rejects if the address cannot be had.
 */
export async function listenOn(
  address: ListenAddress,
  handler: ConnectionHandler,
  patience: Milliseconds = 0,
): Promise<ListeningSocket> {
  const key = showListenAddress(address);
  const known = sockets.get(key);
  if (known !== undefined) {
    if (!known.isFree && patience > 0) await known.released(patience);
    if (!known.isFree) throw new Error(`listen on ${key}: the program itself uses this address already`);
    return known.lend(handler);
  }
  const opened = new SharedSocket(address, () => sockets.delete(key));
  // Kept before it is open, so that nobody else opens it too. A free port is new each time.
  if (address.port !== 0) sockets.set(key, opened);
  const lent = opened.lend(handler);
  try {
    await opened.open();
  } catch (error) {
    sockets.delete(key);
    throw error;
  }
  return lent;
}

class SharedSocket {
  readonly #wanted: ListenAddress;
  readonly #closed: () => void;
  readonly #server: Server;
  #handler: ConnectionHandler | undefined;
  #waiting: Socket[] = [];
  #linger: NodeJS.Timeout | undefined;
  #released = Promise.withResolvers<void>();

  constructor(wanted: ListenAddress, closed: () => void) {
    this.#wanted = wanted;
    this.#closed = closed;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#take(socket));
  }

  get isFree(): boolean {
    return this.#handler === undefined;
  }

  /** Resolves when it is given back, at the latest after a while. */
  async released(atMost: Milliseconds): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, atMost);
    await Promise.race([this.#released.promise, promise]);
    clearTimeout(timer);
  }

  open(): Promise<void> {
    const { host, port } = this.#wanted;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#handler?.failed(error));
        resolve();
      });
    });
  }

  lend(handler: ConnectionHandler): ListeningSocket {
    clearTimeout(this.#linger);
    this.#server.ref();
    this.#handler = handler;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const socket of waiting) this.#take(socket);
    const wanted = this.#wanted;
    const server = this.#server;
    return {
      get address() {
        return { host: wanted.host, port: (server.address() as AddressInfo | null)?.port ?? wanted.port };
      },
      release: () => {
        if (this.#handler === handler) this.#release();
      },
    };
  }

  #take(socket: Socket): void {
    if (this.#handler !== undefined) {
      this.#handler.connected(socket.ref());
      return;
    }
    socket.on('error', () => undefined);
    socket.unref();
    this.#waiting.push(socket);
  }

  #release(): void {
    this.#handler = undefined;
    this.#server.unref();
    const wait = this.#wanted.port === 0 ? 0 : lingerTime;
    this.#linger = setTimeout(() => this.#close(), wait).unref();
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  #close(): void {
    this.#closed();
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
  }
}
