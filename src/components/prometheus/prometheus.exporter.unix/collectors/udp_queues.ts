import { NoData, type Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { ifPresent, linesOf, readProc, wantHex, wordsOf } from '../read-file.ts';

const queues = gauge('udp_queues', 'Memory in the queues of UDP sockets, in bytes.', 'queue', 'ip');

export const udpQueues: Collector = {
  name: 'udp_queues',
  doc: 'The queues of UDP sockets.',
  open:
    ({ paths }) =>
    async (samples) => {
      const v4 = await ifPresent(readProc(paths.proc('net/udp')));
      const v6 = await ifPresent(readProc(paths.proc('net/udp6')));
      if (v4 === undefined && v6 === undefined) throw new NoData('there is no UDP');
      for (const [ip, text] of Object.entries({ v4, v6 })) {
        if (text === undefined) continue;
        const [tx, rx] = queuesIn(text);
        samples.add(queues, tx, 'tx', ip);
        samples.add(queues, rx, 'rx', ip);
      }
    },
};

/** The sums of the column `tx_queue:rx_queue`, which follows a line of names. */
function queuesIn(text: string): readonly [tx: number, rx: number] {
  let [tx, rx] = [0, 0];
  for (const line of linesOf(text).slice(1)) {
    const [sent, received] = (wordsOf(line)[4] ?? '').split(':');
    tx += wantHex(sent);
    rx += wantHex(received);
  }
  return [tx, rx];
}
