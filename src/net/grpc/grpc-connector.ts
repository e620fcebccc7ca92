import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Milliseconds } from '../../base/duration.ts';
import type { ClientTls } from '../client-tls.ts';
import { GrpcSession, type GrpcPings } from './grpc-session.ts';
import { showGrpcTarget, type GrpcTarget } from './grpc-target.ts';
import type { ProxySettings } from '../proxy.ts';
import { TlsMaterial } from '../tls-material.ts';
import { openTunnel } from '../tunnel.ts';

/** A server must be ready for calls in this time. */
const connectTimeout: Milliseconds = 20_000;

/** Makes connections to the addresses of one target. */
export class GrpcConnector {
  readonly #target: GrpcTarget;
  readonly #tls: ClientTls | undefined;
  readonly #proxy: ProxySettings;
  readonly #material: TlsMaterial;
  #certificates: SecureContextOptions | undefined;
  #context: SecureContext | undefined;

  constructor(target: GrpcTarget, tls: ClientTls | undefined, proxy: ProxySettings) {
    this.#target = target;
    this.#tls = tls;
    this.#proxy = proxy;
    this.#material = new TlsMaterial(tls?.sources ?? {});
  }

  /** The proxy to the target, which then looks its addresses up; undefined if there is none. */
  get proxy(): URL | undefined {
    // The proxy of a host is found by the rules for https, since it is only asked to connect.
    return this.#proxy.proxyFor(new URL(`https://${showGrpcTarget(this.#target)}`));
  }

  /** Resolves when calls can be made; the caller owns the session. Rejects with what is in the way. */
  async connect(address: GrpcTarget, pings: GrpcPings | undefined, signal: AbortSignal): Promise<GrpcSession> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(connectTimeout)]);
    const { proxy } = this;
    const socket =
      proxy === undefined
        ? await connected(connectTcp({ ...address, noDelay: true }), 'connect', limit)
        : await openTunnel(proxy, showGrpcTarget(this.#target), this.#proxy.connectHeaders, limit);
    const secured = this.#tls === undefined ? socket : await this.#secured(socket, this.#tls, limit);
    const session = new GrpcSession(secured, pings);
    const giveUp = (): void => session.destroy(limit.reason as Error);
    limit.addEventListener('abort', giveUp);
    if (limit.aborted) giveUp();
    try {
      await session.ready;
      return session;
    } finally {
      limit.removeEventListener('abort', giveUp);
    }
  }

  async #secured(socket: Duplex, tls: ClientTls, limit: AbortSignal): Promise<Duplex> {
    const name = tls.serverName || this.#target.host;
    try {
      const certificates = await this.#material.read();
      if (certificates !== this.#certificates || this.#context === undefined) {
        this.#context = createSecureContext({ ...certificates, ...tls.options });
        this.#certificates = certificates;
      }
    } catch (error) {
      socket.destroy();
      throw error;
    }
    const secured = connectTls({
      socket,
      host: name,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: this.#context,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: tls.verifiesServer,
    });
    await connected(secured, 'secureConnect', limit);
    if (secured.alpnProtocol === 'h2') return secured;
    secured.destroy();
    throw new Error('the server does not speak HTTP/2 over TLS');
  }
}

/** Waits for an event of what was begun, and ends it if that does not come. */
async function connected<T extends Duplex>(begun: T, event: string, limit: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const aborted = (): void => reject(limit.reason as Error);
  begun.on(event, () => resolve());
  begun.on('error', reject);
  begun.on('close', () => reject(new Error('the server has closed the connection')));
  limit.addEventListener('abort', aborted);
  if (limit.aborted) aborted();
  try {
    await promise;
    // It can be over already, and then tells nothing any more.
    if (begun.destroyed) throw new Error('the server has closed the connection');
    return begun;
  } catch (error) {
    begun.destroy();
    throw error;
  } finally {
    limit.removeEventListener('abort', aborted);
  }
}
