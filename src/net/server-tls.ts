import type { Socket } from 'node:net';
import { Server, type SecureContextOptions, type TLSSocket, type TlsOptions } from 'node:tls';
import { messageOf } from '../base/message-of.ts';
import type { Log } from '../base/log.ts';
import { TlsMaterial, type TlsSources } from './tls-material.ts';

/** Clients must finish the handshake in this time. */
const handshakeTimeout = 10_000;

/** What a server wants of the certificates of its clients, by the names that Go has for it. */
export type ClientAuthType =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert';

export interface ServerTlsSettings {
  /** The authority is for the certificates of clients. */
  readonly sources: TlsSources;
  readonly clientAuth: ClientAuthType;
  /** Versions, ciphers and curves. */
  readonly options: SecureContextOptions;
}

/** The TLS side of a server. Its certificate files are looked at for each connection. */
export class ServerTls {
  readonly #settings: ServerTlsSettings;
  readonly #material: TlsMaterial;
  readonly #log: Log;
  readonly #server: Server;
  #certificates: SecureContextOptions | undefined;

  /** `secured` gets connections whose handshake is over; `protocol` is what is spoken then, by its name in ALPN. */
  constructor(
    settings: ServerTlsSettings,
    secured: (socket: TLSSocket) => void,
    log: Log,
    protocol: 'http/1.1' | 'h2' = 'http/1.1',
  ) {
    this.#settings = settings;
    this.#material = new TlsMaterial(settings.sources);
    this.#log = log;
    const { clientAuth } = settings;
    const options: TlsOptions = {
      ALPNProtocols: [protocol],
      handshakeTimeout,
      requestCert: clientAuth !== 'NoClientCert',
      rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    };
    this.#server = new Server(options, (socket) => {
      const problem = problemOf(socket, clientAuth);
      if (problem === undefined) {
        secured(socket);
      } else {
        log.debug('refused a client certificate', { error: problem });
        socket.destroy();
      }
    });
    this.#server.on('tlsClientError', (error) => log.debug('TLS handshake failed', { error }));
  }

  /** Begins the handshake on a new connection. */
  async secure(socket: Socket): Promise<void> {
    // It can break before the server listens to it.
    socket.on('error', ignore);
    try {
      const certificates = await this.#material.read();
      if (certificates !== this.#certificates) {
        this.#server.setSecureContext({ ...certificates, ...this.#settings.options });
        this.#certificates = certificates;
      }
    } catch (error) {
      this.#log.error('cannot use the certificate of the server', { error: messageOf(error) });
      socket.destroy();
      return;
    }
    socket.off('error', ignore);
    this.#server.emit('connection', socket);
  }
}

function ignore(): void {}

/** Why a client is refused after the handshake. */
function problemOf(socket: TLSSocket, clientAuth: ClientAuthType): string | undefined {
  const hasCertificate = socket.getPeerX509Certificate() !== undefined;
  if (clientAuth === 'RequireAnyClientCert' && !hasCertificate) return 'there is none';
  if (clientAuth === 'VerifyClientCertIfGiven' && hasCertificate && !socket.authorized)
    return String(socket.authorizationError);
  return undefined;
}
