import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { isIgnored } from '../name-filter.ts';
import { linesOf, wordsOf } from '../words.ts';
import { shortLines } from '../host-files.ts';

const entries = gauge('arp_entries', 'Neighbours whose address is known, by device.', 'device');

export const arp: Collector = {
  name: 'arp',
  doc: 'Neighbours in the network.',
  open({ paths, files, args }) {
    const file = paths.proc('net/arp');
    return (samples) => {
      const counts = new Map<string, number>();
      for (const line of linesOf(files.text(file, shortLines)).slice(1)) {
        const device = wordsOf(line)[5];
        if (device === undefined) throw new Error(`want a neighbour, got ${JSON.stringify(line)}`);
        counts.set(device, (counts.get(device) ?? 0) + 1);
      }
      for (const [device, count] of counts)
        if (!isIgnored(device, args.arp.device_exclude, args.arp.device_include)) samples.add(entries, count, device);
    };
  },
};
