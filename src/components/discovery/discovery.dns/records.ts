import type { Resolver } from 'node:dns/promises';
import { Labels } from '../../../model/labels.ts';

export const recordTypes = ['SRV', 'A', 'AAAA', 'MX', 'NS'] as const;
export type RecordType = (typeof recordTypes)[number];

/** What a record leads to. */
interface ServiceHost {
  /** A name without a dot at its end, or an address. Empty if the record says that there is no such service. */
  readonly host: string;
  /** Of SRV records only. */
  readonly port?: number;
}

/** Asks for the records of a name. Rejects with the error of the resolver, also if there are none. */
export const requestRecords: Readonly<
  Record<RecordType, (resolver: Resolver, name: string) => Promise<readonly ServiceHost[]>>
> = {
  SRV: async (resolver, name) => (await resolver.resolveSrv(name)).map(({ name: host, port }) => ({ host, port })),
  A: async (resolver, name) => (await resolver.resolve4(name)).map((host) => ({ host })),
  AAAA: async (resolver, name) => (await resolver.resolve6(name)).map((host) => ({ host })),
  MX: async (resolver, name) => (await resolver.resolveMx(name)).map(({ exchange: host }) => ({ host })),
  NS: async (resolver, name) => (await resolver.resolveNs(name)).map((host) => ({ host })),
};

/**
 * The targets that records of a name lead to, sorted, since servers give equal records in changing order. The port is that
 * of the record if it has one.
 */
export function targetsOfRecords(
  name: string,
  type: RecordType,
  records: readonly ServiceHost[],
  defaultPort: number,
): readonly Labels[] {
  const targets = new Map<string, Labels>();
  for (const { host, port = defaultPort } of records) {
    if (host === '') continue;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const labels = Labels.fromRecord({
      __address__: address,
      __meta_dns_name: name,
      __meta_dns_srv_record_target: type === 'SRV' ? `${host}.` : '',
      __meta_dns_srv_record_port: type === 'SRV' ? String(port) : '',
      __meta_dns_mx_record_target: type === 'MX' ? `${host}.` : '',
      __meta_dns_ns_record_target: type === 'NS' ? `${host}.` : '',
    });
    targets.set(address, labels);
  }
  return [...targets].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);
}
