import type { SecureContextOptions } from 'node:tls';
import type { TextSource } from './text-source.ts';

/** Where the certificates and the key of one side of TLS connections come from. */
export interface TlsSources {
  /** What certificates of peers must come from; what the system trusts if absent. */
  readonly ca?: TextSource | undefined;
  readonly cert?: TextSource | undefined;
  readonly key?: TextSource | undefined;
}

/** The certificates and the key of one side of TLS connections, read again when their files change. */
export class TlsMaterial {
  readonly #sources: readonly (TextSource | undefined)[];
  #texts: readonly (string | undefined)[] = [];
  #current: SecureContextOptions | undefined;

  constructor({ ca, cert, key }: TlsSources) {
    this.#sources = [ca, cert, key];
  }

  /** The same object as long as nothing has changed. Rejects if a file cannot be read. */
  async read(): Promise<SecureContextOptions> {
    const texts = await Promise.all(this.#sources.map((source) => source?.read() ?? Promise.resolve(undefined)));
    if (this.#current === undefined || !texts.every((text, index) => text === this.#texts[index])) {
      const [ca, cert, key] = texts;
      this.#current = { ca, cert, key };
      this.#texts = texts;
    }
    return this.#current;
  }
}

/** The versions of TLS as configurations name them. */
export const tlsVersions = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
} as const;

type TlsVersion = keyof typeof tlsVersions;

export const tlsVersionNames = Object.keys(tlsVersions) as readonly TlsVersion[];
