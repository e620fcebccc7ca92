import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ParseError } from '../../base/parse-error.ts';

/** Where a gRPC client connects to: the name of a host, which may have several addresses, or one of them, and a port. */
export interface GrpcTarget {
  readonly host: string;
  readonly port: number;
}

/** What gRPC takes for a port where none is given. */
const defaultPort = 443;

/**
 * Reads `host:port`, which may begin with `http://` or `https://` or, as targets in gRPC do, with `dns:` or
 * `passthrough:`. The port is 443 if it is missing.
 */
export function parseGrpcTarget(text: string): GrpcTarget | ParseError {
  const rest = text.replace(/^(?:https?:\/\/|(?:dns|passthrough):(?:\/\/[^/]*\/)?)/, '').replace(/\/$/, '');
  const match = /^(?:\[(?<v6>[^[\]]+)\]|(?<host>[^:[\]/?#@\s]+))(?::(?<port>\d{1,5}))?$/.exec(rest)?.groups;
  const host = match?.v6 ?? match?.host;
  const port = Number(match?.port ?? defaultPort);
  if (host === undefined || port > 65_535 || (match?.v6 !== undefined && isIP(host) !== 6))
    return new ParseError(`${JSON.stringify(text)} is not an endpoint, want host:port`);
  return { host, port };
}

export function showGrpcTarget({ host, port }: GrpcTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The addresses of a target, in the order of the resolver. Rejects if there are none. */
export async function resolveGrpcTarget({ host, port }: GrpcTarget): Promise<readonly GrpcTarget[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => ({ host: address, port }));
}
