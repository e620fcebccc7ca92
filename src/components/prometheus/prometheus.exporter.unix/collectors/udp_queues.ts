import { NoData, type Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { linesOf, wantHex, wordsOf } from '../words.ts';
import { shortLines } from '../host-files.ts';

const queues = gauge('udp_queues', 'Memory in the queues of UDP sockets, in bytes.', 'queue', 'ip');

export const udpQueues: Collector = {
  name: 'udp_queues',
  doc: 'The queues of UDP sockets.',
  open({ paths, files }) {
    const versions = [
      { ip: 'v4', file: paths.proc('net/udp') },
      { ip: 'v6', file: paths.proc('net/udp6') },
    ];
    return (samples) => {
      const texts = versions.map(({ file }) => files.textIfAny(file, shortLines));
      if (texts.every((text) => text === undefined)) throw new NoData('there is no UDP');
      for (const [index, { ip }] of versions.entries()) {
        const text = texts[index];
        if (text === undefined) continue;
        const [tx, rx] = queuesIn(text);
        samples.add(queues, tx, 'tx', ip);
        samples.add(queues, rx, 'rx', ip);
      }
    };
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
