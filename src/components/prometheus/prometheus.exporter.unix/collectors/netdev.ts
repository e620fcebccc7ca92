import { networkInterfaces } from 'node:os';
import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { isIgnored } from '../name-filter.ts';
import { linesOf, wantNumber, wordsOf } from '../words.ts';
import type { Samples } from '../samples.ts';
import { addressScope } from './netdev/address-scope.ts';
import { shortLines } from '../host-files.ts';

const addressInfo = gauge(
  'network_address_info',
  'An address of a device. The value is always 1.',
  'device',
  'address',
  'netmask',
  'scope',
);

/** In the order of the columns; other columns and other names do not exist. */
const columns = [
  ...'bytes packets errs drop fifo frame compressed multicast'.split(' ').map((name) => `receive_${name}`),
  ...'bytes packets errs drop fifo colls carrier compressed'.split(' ').map((name) => `transmit_${name}`),
].map((name) => counter(`network_${name}_total`, `Network device statistic ${name}.`, 'device'));

export const netdev: Collector = {
  name: 'netdev',
  doc: 'What network devices send and receive.',
  open({ paths, files, args }) {
    const { device_exclude: exclude, device_include: include, address_info: hasAddresses } = args.netdev;
    const file = paths.proc('net/dev');
    const isLeftOut = (device: string): boolean => isIgnored(device, exclude, include);
    return (samples) => {
      // The first two lines are titles.
      for (const line of linesOf(files.text(file, shortLines)).slice(2)) {
        const [, device, rest] = /^\s*(\S+):(.*)$/.exec(line) ?? [];
        if (device === undefined || rest === undefined) throw new Error(`want a device, got ${JSON.stringify(line)}`);
        if (isLeftOut(device)) continue;
        const words = wordsOf(rest);
        for (const [index, family] of columns.entries()) samples.add(family, wantNumber(words[index]), device);
      }
      if (hasAddresses) addAddresses(samples, isLeftOut);
    };
  },
};

function addAddresses(samples: Samples, isLeftOut: (device: string) => boolean): void {
  for (const [device, addresses = []] of Object.entries(networkInterfaces())) {
    if (isLeftOut(device)) continue;
    for (const { address, cidr } of addresses)
      samples.add(addressInfo, 1, device, address, cidr?.split('/')[1] ?? '', addressScope(address));
  }
}
