import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { linesOf, wantHex, wordsOf } from '../words.ts';
import { shortLines } from '../host-files.ts';

/** By the column of `/proc/net/softnet_stat`; older kernels have fewer of them. */
const columns = [
  [0, counter('softnet_processed_total', 'Packets that were processed.', 'cpu')],
  [1, counter('softnet_dropped_total', 'Packets that were dropped.', 'cpu')],
  [2, counter('softnet_times_squeezed_total', 'Times that processing ended before there were no packets left.', 'cpu')],
  [8, counter('softnet_cpu_collision_total', 'Collisions when a device was locked to transmit.', 'cpu')],
  [9, counter('softnet_received_rps_total', 'Times that a CPU was woken up to process packets.', 'cpu')],
  [10, counter('softnet_flow_limit_count_total', 'Times that the limit of a flow was reached.', 'cpu')],
  [11, gauge('softnet_backlog_len', 'Packets in the backlog.', 'cpu')],
] as const;

export const softnet: Collector = {
  name: 'softnet',
  doc: 'How each CPU processes network packets.',
  open:
    ({ paths, files }) =>
    (samples) => {
      for (const [index, line] of linesOf(files.text(paths.proc('net/softnet_stat'), shortLines)).entries()) {
        const words = wordsOf(line);
        const cpu = words.length > 12 ? wantHex(words[12]) : index;
        for (const [column, family] of columns)
          if (column < words.length) samples.add(family, wantHex(words[column]), String(cpu));
      }
    },
};
