import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Looks a host up as `dns.lookup` does, and finds one of its addresses at random, so that connections spread over them. */
export function lookupRandom(host: string, options: LookupOptions, found: Found): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const chosen = addresses?.[Math.floor(Math.random() * addresses.length)];
    if (error !== null || chosen === undefined) found(error, []);
    else if (options.all === true) found(null, [chosen]);
    else found(null, chosen.address, isIP(chosen.address));
  });
}
