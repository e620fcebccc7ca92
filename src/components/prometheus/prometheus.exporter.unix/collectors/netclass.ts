import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { isMatch } from '../name-filter.ts';
import { attributes, ifPresent, namesIn, numberIn, readProc } from '../read-file.ts';

const up = gauge('network_up', 'Whether a device is up.', 'device');
const info = gauge(
  'network_info',
  'What a device is. The value is always 1.',
  'device',
  'address',
  'broadcast',
  'duplex',
  'operstate',
  'adminstate',
  'ifalias',
);
const speed = gauge('network_speed_bytes', 'Bytes that a device can send in a second.', 'device');

/** Numbers by their file in the folder of a device. */
const numbers = [
  ['addr_assign_type', gauge('network_address_assign_type', 'How the address came to be.', 'device')],
  ['carrier', gauge('network_carrier', 'Whether there is a carrier.', 'device')],
  ['carrier_changes', counter('network_carrier_changes_total', 'Times that the carrier came or went.', 'device')],
  ['carrier_up_count', counter('network_carrier_up_changes_total', 'Times that the carrier came.', 'device')],
  ['carrier_down_count', counter('network_carrier_down_changes_total', 'Times that the carrier went.', 'device')],
  ['dev_id', gauge('network_device_id', 'Number that tells devices with one address apart.', 'device')],
  ['dormant', gauge('network_dormant', 'Whether a device waits for something outside.', 'device')],
  ['flags', gauge('network_flags', 'Flags of a device.', 'device')],
  ['ifindex', gauge('network_iface_id', 'Index of a device.', 'device')],
  ['iflink', gauge('network_iface_link', 'Index of the device that a device is linked to.', 'device')],
  ['link_mode', gauge('network_iface_link_mode', 'Mode of the link.', 'device')],
  ['mtu', gauge('network_mtu_bytes', 'Largest packet that a device takes.', 'device')],
  ['name_assign_type', gauge('network_name_assign_type', 'How the name came to be.', 'device')],
  ['netdev_group', gauge('network_net_dev_group', 'Group of a device.', 'device')],
  ['tx_queue_len', gauge('network_transmit_queue_length', 'Length of the transmit queue.', 'device')],
  ['type', gauge('network_protocol_type', 'Protocol of a device.', 'device')],
] as const;

const files = [...numbers.map(([file]) => file), 'address', 'broadcast', 'duplex', 'operstate', 'speed'];

/** The bit of the flags of a device that users have set up. */
const isUpFlag = 1;

export const netclass: Collector = {
  name: 'netclass',
  doc: 'What network devices are, and their state.',
  open({ paths, args }) {
    const { ignored_devices: ignored, ignore_invalid_speed_device: ignoresSpeed } = args.netclass;
    return async (samples) => {
      const names = await namesIn(paths.sys('class/net'));
      const devices = names.filter((name) => name !== 'bonding_masters' && !isMatch(name, ignored));
      const all = await Promise.all(
        devices.map(async (device) => {
          const folder = paths.sys(`class/net/${device}`);
          // Aliases can be longer than other attributes.
          const alias = (await ifPresent(readProc(`${folder}/ifalias`)))?.trim();
          return { device, alias, found: await attributes(folder, files) };
        }),
      );
      for (const { device, alias = '', found } of all) {
        const of = (name: string): string => found.get(name) ?? '';
        samples.add(up, of('operstate') === 'up' ? 1 : 0, device);
        const admin = adminState(numberIn(found.get('flags')));
        samples.add(info, 1, device, of('address'), of('broadcast'), of('duplex'), of('operstate'), admin, alias);
        for (const [file, family] of numbers) samples.add(family, numberIn(found.get(file)), device);
        const megabits = numberIn(found.get('speed'));
        if (megabits !== undefined && (megabits >= 0 || !ignoresSpeed))
          samples.add(speed, (megabits * 1_000_000) / 8, device);
      }
    };
  },
};

function adminState(flags: number | undefined): string {
  if (flags === undefined) return 'unknown';
  return (flags & isUpFlag) === 0 ? 'down' : 'up';
}
