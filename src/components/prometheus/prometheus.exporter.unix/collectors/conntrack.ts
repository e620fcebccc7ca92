import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { linesOf, wantHex, wantNumber, wordsOf } from '../words.ts';

const entries = gauge('nf_conntrack_entries', 'Connections that are tracked.');
const limit = gauge('nf_conntrack_entries_limit', 'Connections that can be tracked.');

/** By the names of the columns. */
const statistics = [
  ['found', gauge('nf_conntrack_stat_found', 'Searches that found an entry.')],
  ['invalid', gauge('nf_conntrack_stat_invalid', 'Packets that cannot be tracked.')],
  ['ignore', gauge('nf_conntrack_stat_ignore', 'Packets of connections that are tracked already.')],
  ['insert', gauge('nf_conntrack_stat_insert', 'Entries that were inserted.')],
  ['insert_failed', gauge('nf_conntrack_stat_insert_failed', 'Entries that were there already.')],
  ['drop', gauge('nf_conntrack_stat_drop', 'Packets dropped because a connection could not be tracked.')],
  ['early_drop', gauge('nf_conntrack_stat_early_drop', 'Entries dropped to make room for others.')],
  ['search_restart', gauge('nf_conntrack_stat_search_restart', 'Searches that had to begin again.')],
] as const;

export const conntrack: Collector = {
  name: 'conntrack',
  doc: 'Connections that the firewall tracks.',
  open({ paths, files }) {
    const folder = paths.proc('sys/net/netfilter');
    const number = (file: string): number => wantNumber(files.setting(`${folder}/${file}`));
    return (samples) => {
      samples.add(entries, number('nf_conntrack_count'));
      samples.add(limit, number('nf_conntrack_max'));
      // A line of names, then a line for each CPU.
      const [names = '', ...cpus] = linesOf(files.text(paths.proc('net/stat/nf_conntrack')));
      const columns = wordsOf(names);
      const rows = cpus.map(wordsOf);
      for (const [name, family] of statistics) {
        const column = columns.indexOf(name);
        const values = column < 0 ? [] : rows.map((row) => wantHex(row[column]));
        samples.add(
          family,
          values.reduce((sum, value) => sum + value, 0),
        );
      }
    };
  },
};
