import { createRequire } from 'node:module';
import { isIP, isIPv4 } from 'node:net';
import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';

/** The part of the mmdb-lib package that is used. */
interface MmdbLib {
  readonly Reader: new (bytes: Buffer) => {
    readonly metadata: { readonly databaseType: unknown; readonly ipVersion: unknown; readonly searchTreeSize: number };
    get(address: string): unknown;
  };
}

const require = createRequire(import.meta.url);

/** A MaxMind database: records by IP address. */
export interface Mmdb {
  /** What kind of database it says it is, such as `GeoLite2-City`. */
  readonly type: string;
  /**
   * The record for an address: objects, arrays, strings, numbers, bigints, bools and buffers. Undefined if there is none,
   * and an error if the database is broken at that place.
   */
  find(address: IpAddress): unknown;
}

/** An IP address as text that is one for certain. */
export type IpAddress = string & { readonly isIpAddress: true };

/** The address in a text as `net.ParseIP` of Go takes it, without a zone; one of IPv4 in the form of IPv6 is one of IPv4. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  const mapped = /^::ffff:(.*)$/i.exec(text)?.[1];
  return (mapped !== undefined && isIPv4(mapped) ? mapped : text) as IpAddress;
}

/** Reads a database, which keeps the bytes. */
export function openMmdb(bytes: Buffer): Mmdb | ParseError {
  const { Reader } = require('mmdb-lib') as MmdbLib;
  try {
    const reader = new Reader(bytes);
    const { databaseType, ipVersion, searchTreeSize } = reader.metadata;
    if (ipVersion !== 4 && ipVersion !== 6) return new ParseError(`unknown IP version ${String(ipVersion)}`);
    if (!(searchTreeSize < bytes.length)) return new ParseError('it is cut off');
    const isV4Only = ipVersion === 4;
    return {
      type: String(databaseType),
      find(address) {
        // The library would look up the first bits.
        if (isV4Only && !isIPv4(address)) return undefined;
        try {
          return reader.get(address) ?? undefined;
        } catch (error) {
          return new ParseError(messageOf(error));
        }
      },
    };
  } catch (error) {
    return new ParseError(messageOf(error));
  }
}
