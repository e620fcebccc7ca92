import type { Credentials } from './credentials.ts';
import type { HttpHeaders } from './http-message.ts';

/** Something that is given out for a while, such as a token. */
export interface Expiring<T> {
  readonly value: T;
  /** From when on another one is needed, in milliseconds since 1970. */
  readonly validUntil: number;
}

/** Keeps what is given out for a while, and gets it again when it is needed; once for all who wait for it. */
export class TokenCache<T> {
  readonly #fetch: (key: string) => Promise<Expiring<T>>;
  #current: (Expiring<T> & { readonly key: string }) | undefined;
  #pending: Promise<T> | undefined;

  /** `fetch` rejects with an HttpError if it gets none. */
  constructor(fetch: (key: string) => Promise<Expiring<T>>) {
    this.#fetch = fetch;
  }

  /** What is valid now. What was given out for another key is not. */
  get(signal: AbortSignal, key = ''): Promise<T> {
    const current = this.#current;
    if (current?.key === key && Date.now() < current.validUntil) return Promise.resolve(current.value);
    // Requests that wait for the same token do not abort it for each other; it has a timeout of its own.
    this.#pending ??= this.#get(key).finally(() => {
      this.#pending = undefined;
    });
    return orAborted(this.#pending, signal);
  }

  /** Has it got again, since it was not accepted. */
  forget(): void {
    this.#current = undefined;
  }

  async #get(key: string): Promise<T> {
    const fetched = await this.#fetch(key);
    this.#current = { ...fetched, key };
    return fetched.value;
  }
}

/** Credentials that are headers which someone gives out. Those that were given out for another key are not used. */
export function tokenCredentials(
  fetch: (key: string) => Promise<Expiring<HttpHeaders>>,
  key: () => Promise<string> = () => Promise.resolve(''),
): Credentials {
  const tokens = new TokenCache(fetch);
  return {
    headersFor: async (_request, signal) => tokens.get(signal, await key()),
    rejected: () => tokens.forget(),
  };
}

/** Waits for a promise that others wait for too, until the signal aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
