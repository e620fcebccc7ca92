import type { MemoryRequest, MemoryServer } from '../base/memory-server.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';

/** The server in this process that a URL leads to, if any: one that is asked by exactly its address, without TLS. */
export function memoryServerFor(url: URL, server: MemoryServer | undefined): MemoryServer | undefined {
  const address = `${url.hostname}:${url.port || '80'}`;
  return url.protocol === 'http:' && address === server?.address.toLowerCase() ? server : undefined;
}

/** Asks a server in this process. Rejects with the reason of the signal when that aborts first. */
export async function askInMemory(
  server: MemoryServer,
  { headers, ...request }: Omit<MemoryRequest, 'headers'> & { readonly headers: HttpHeaders },
): Promise<HttpResponse> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(request.signal.reason as Error);
  request.signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([server.request({ ...request, headers: joined(headers) }), aborted]);
  } finally {
    request.signal.removeEventListener('abort', abort);
  }
}

/** Headers as the receiver of a message sees them. */
function joined(headers: HttpHeaders): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : value.join(', '),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
