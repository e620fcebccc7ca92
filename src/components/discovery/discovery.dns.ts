import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import { component } from '../../component/component.ts';
import { counter } from '../../component/metrics.ts';
import type { Labels } from '../../model/labels.ts';
import { attribute, duration, integer, list } from '../../schema/attributes.ts';
import { exportedTargets } from '../../schema/targets.ts';
import { parsedType, stringType } from '../../schema/types.ts';
import { Lookup } from './discovery.dns/lookup.ts';
import { systemNameService, type NameService } from './discovery.dns/name-service.ts';
import { recordTypes, type RecordType } from './discovery.dns/records.ts';
import { refreshMetrics, TargetRefresh, type FoundTargets } from './target-refresh.ts';

const recordType = parsedType<RecordType>({
  name: recordTypes.map((type) => JSON.stringify(type)).join(' | '),
  parse: (text) =>
    recordTypes.find((type) => type === text.toUpperCase()) ?? new ParseError(`use one of ${recordTypes.join(', ')}`),
  encode: (type) => type,
});

/** The component for a name service, which is asked for before each refresh. */
export const discoveryDnsBy = (nameService: () => Promise<NameService>) =>
  component({
    name: 'discovery.dns',
    stability: 'generally-available',
    doc: `
Exports the targets that DNS records of names lead to, and looks the names up again and again, by the name servers and
search domains of the system.

Each target has \`__address__\`, \`__meta_dns_name\` with the name as it is in the configuration, and for records of the type
\`__meta_dns_srv_record_target\`, \`__meta_dns_srv_record_port\`, \`__meta_dns_mx_record_target\` and
\`__meta_dns_ns_record_target\`, which are empty for others. Records whose host is \`.\` say that there is no service, and are
left out.

A name that does not exist has no targets. A name that cannot be looked up keeps the targets it had. Targets are exported in
the order of the names and sorted by address, at most every 5 seconds.`,
    example: `
discovery.dns "workers" {
  names = ["workers.example.com"]
  type  = "A"
  port  = 9100
}`,
    arguments: {
      names: list('The names to look up.', stringType),
      type: attribute('The type of the records, in upper or lower case.', recordType).default('SRV'),
      port: integer('The port of the targets. Required unless the type is SRV, whose records have ports.')
        .default(0)
        .check((port) => (port >= 0 && port <= 65535 ? undefined : 'must be a port between 0 and 65535')),
      refresh_interval: duration('How often the names are looked up.')
        .default(30_000)
        .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    },
    exports: {
      targets: exportedTargets('The targets of all names.'),
    },
    metrics: {
      lookups: counter('prometheus_sd_dns_lookups_total', 'Names that were looked up.'),
      failures: counter('prometheus_sd_dns_lookup_failures_total', 'Names that could not be looked up.'),
      ...refreshMetrics,
    },
    check({ type, port }) {
      return port === 0 && type !== 'SRV' ? `port is required for records of type ${type}` : undefined;
    },
    build(context) {
      const { metrics, log } = context;
      let { args } = context;
      let targetsOf: ReadonlyMap<string, readonly Labels[]> = new Map();

      const find = async (signal: AbortSignal): Promise<FoundTargets | undefined> => {
        const names = new Set(args.names);
        const before = targetsOf;
        const found = await lookUpAll(names, signal);
        if (signal.aborted) return undefined;
        const problems: string[] = [];
        const kept = [...names].map((name): [string, readonly Labels[]] => {
          const targets = found.get(name) ?? [];
          metrics.lookups.inc();
          if (!(targets instanceof ParseError)) return [name, targets];
          metrics.failures.inc();
          problems.push(targets.message);
          return [name, before.get(name) ?? []];
        });
        targetsOf = new Map(kept);
        return { targets: [...targetsOf.values()].flat(), problems };
      };

      const lookUpAll = async (
        names: ReadonlySet<string>,
        signal: AbortSignal,
      ): Promise<ReadonlyMap<string, readonly Labels[] | ParseError>> => {
        let lookup: Lookup;
        try {
          lookup = new Lookup(await nameService(), signal);
        } catch (error) {
          const problem = new ParseError(messageOf(error));
          return new Map(Array.from(names, (name) => [name, problem]));
        }
        const query = { type: args.type, port: args.port };
        const results = Array.from(names, async (name) => [name, await lookup.targetsOf(name, query, signal)] as const);
        return new Map(await Promise.all(results));
      };

      const refresh = new TargetRefresh({
        metrics,
        log,
        mechanism: 'dns',
        period: () => args.refresh_interval,
        find,
        export: (changed) => context.export(changed),
        health: (state, message) => context.health(state, message),
      });
      return {
        exports: { targets: [] },
        run: (signal) => refresh.run(signal),
        update(changed) {
          args = changed;
          refresh.restart();
        },
      };
    },
  });

export const discoveryDns = discoveryDnsBy(systemNameService);
