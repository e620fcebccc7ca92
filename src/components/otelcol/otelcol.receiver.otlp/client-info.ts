import type { OtlpClient } from '../../../model/otlp-batch.ts';

/** Of requests, or the metadata of calls. Several values of a name are a list. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const nothing: ReadonlyMap<string, never> = new Map<string, never>();

/** What later components may ask for about the sender of a request. */
export function clientOf(
  headers: Headers,
  address: string | undefined,
  includesMetadata: boolean,
  auth: ReadonlyMap<string, string> = nothing,
): OtlpClient {
  return { address: plainAddress(address), metadata: includesMetadata ? metadataOf(headers) : nothing, auth };
}

/** The headers by name. HTTP/2 has the host as `:authority`; both are `host` here. */
function metadataOf(headers: Headers): ReadonlyMap<string, readonly string[]> {
  const metadata = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const values = typeof value === 'string' ? [value] : value;
    if (name === ':authority') metadata.set('host', values);
    if (!name.startsWith(':') || name === ':authority') metadata.set(name, values);
  }
  return metadata;
}

/** An IPv4 address as such, also where the socket takes both kinds. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') === true ? address.slice('::ffff:'.length) : address;
}
