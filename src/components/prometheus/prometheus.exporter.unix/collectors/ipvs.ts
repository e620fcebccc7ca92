import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { linesOf, wantHex, wordsOf } from '../words.ts';
import { parseBackends, type Backend } from './ipvs/backends.ts';

/** In the order of the columns. */
const totals = [
  counter('ipvs_connections_total', 'Connections that were made.'),
  counter('ipvs_incoming_packets_total', 'Packets that came in.'),
  counter('ipvs_outgoing_packets_total', 'Packets that went out.'),
  counter('ipvs_incoming_bytes_total', 'Bytes that came in.'),
  counter('ipvs_outgoing_bytes_total', 'Bytes that went out.'),
];

/** The line of `ip_vs_stats` with them. */
const totalsLine = 2;

export const ipvs: Collector = {
  name: 'ipvs',
  doc: 'Connections of the load balancer in the kernel.',
  open({ paths, files, args }) {
    const labels = args.ipvs.backend_labels;
    const active = gauge('ipvs_backend_connections_active', 'Connections to a backend in use.', ...labels);
    const inactive = gauge('ipvs_backend_connections_inactive', 'Connections to a backend not in use.', ...labels);
    const weight = gauge('ipvs_backend_weight', 'Weight of a backend.', ...labels);
    return (samples) => {
      const words = wordsOf(linesOf(files.text(paths.proc('net/ip_vs_stats')))[totalsLine] ?? '');
      for (const [index, family] of totals.entries()) samples.add(family, wantHex(words[index]));

      const groups = Map.groupBy(parseBackends(files.text(paths.proc('net/ip_vs'))), (backend) =>
        labels.map((label) => backend.labels.get(label) ?? '').join('\0'),
      );
      for (const [key, backends] of groups) {
        const values = labels.length === 0 ? [] : key.split('\0');
        const sum = (of: (backend: Backend) => number): number => backends.reduce((all, one) => all + of(one), 0);
        samples.add(
          active,
          sum((backend) => backend.active),
          ...values,
        );
        samples.add(
          inactive,
          sum((backend) => backend.inactive),
          ...values,
        );
        samples.add(
          weight,
          sum((backend) => backend.weight),
          ...values,
        );
      }
    };
  },
};
