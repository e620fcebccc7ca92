import { isIPv6 } from 'node:net';
import { ParseError } from '../base/parse-error.ts';

/** Where a server listens. */
export interface ListenAddress {
  /** A name or an address; empty for all addresses of the machine. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
}

/** Reads `host:port`, `:port` or `[v6]:port`. */
export function parseListenAddress(text: string): ListenAddress | ParseError {
  const match = /^(?:\[(?<v6>[^[\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(match?.port);
  if (match === undefined || port > 65_535 || (match.v6 !== undefined && !isIPv6(match.v6)))
    return new ParseError(`${JSON.stringify(text)} is not an address, want host:port`);
  return { host: match.v6 ?? match.host ?? '', port };
}

export function showListenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
