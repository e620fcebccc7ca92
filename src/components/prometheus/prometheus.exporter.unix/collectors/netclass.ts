import { allOf } from '../all-of.ts';
import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { isMatch } from '../name-filter.ts';
import type { Samples } from '../samples.ts';
import type { HostFolder } from '../host-folder.ts';
import { inOnePiece } from '../host-files.ts';

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

/** Numbers by their file in the folder of a device, which change only with its place or name. */
const lastingNumbers = [
  ['dev_id', gauge('network_device_id', 'Number that tells devices with one address apart.', 'device')],
  ['ifindex', gauge('network_iface_id', 'Index of a device.', 'device')],
  ['name_assign_type', gauge('network_name_assign_type', 'How the name came to be.', 'device')],
] as const;

/** All other numbers. */
const numbers = [
  ['addr_assign_type', gauge('network_address_assign_type', 'How the address came to be.', 'device')],
  ['carrier', gauge('network_carrier', 'Whether there is a carrier.', 'device')],
  ['carrier_changes', counter('network_carrier_changes_total', 'Times that the carrier came or went.', 'device')],
  ['carrier_up_count', counter('network_carrier_up_changes_total', 'Times that the carrier came.', 'device')],
  ['carrier_down_count', counter('network_carrier_down_changes_total', 'Times that the carrier went.', 'device')],
  ['dormant', gauge('network_dormant', 'Whether a device waits for something outside.', 'device')],
  ['flags', gauge('network_flags', 'Flags of a device.', 'device')],
  ['iflink', gauge('network_iface_link', 'Index of the device that a device is linked to.', 'device')],
  ['link_mode', gauge('network_iface_link_mode', 'Mode of the link.', 'device')],
  ['mtu', gauge('network_mtu_bytes', 'Largest packet that a device takes.', 'device')],
  ['netdev_group', gauge('network_net_dev_group', 'Group of a device.', 'device')],
  ['tx_queue_len', gauge('network_transmit_queue_length', 'Length of the transmit queue.', 'device')],
  ['type', gauge('network_protocol_type', 'Protocol of a device.', 'device')],
] as const;

/**
 * What changes only when a device is set up in another way, or when it or one that it consists of gets or loses its carrier.
 * The kernel tells most of it only while nobody changes the network: reading it can take as long as that does.
 */
const linkNames = ['carrier', 'carrier_down_count', 'carrier_up_count', 'duplex', 'speed'];
/** As long as a device is down, there is nothing about this either. */
const downNames = [...linkNames, 'dormant'];

/** The bit of the flags of a device that users have set up. */
const isUpFlag = 1;

export const netclass: Collector = {
  name: 'netclass',
  doc: 'What network devices are, and their state.',
  open({ paths, files, args }) {
    const { ignored_devices: ignored, ignore_invalid_speed_device: ignoresSpeed } = args.netclass;
    const all = paths.sys('class/net');
    return (samples) => {
      const names = files.names(all).filter((name) => name !== 'bonding_masters' && !isMatch(name, ignored));
      const devices = names.map((name) => ({ name, folder: files.folder(`${all}/${name}`) }));
      const add = (): void => {
        for (const { name, folder } of devices) {
          // Aliases can be longer than other attributes.
          const alias = files.textIfAny(`${all}/${name}/ifalias`, inOnePiece)?.trim() ?? '';
          addDevice(samples, name, folder, { alias, ignoresSpeed });
        }
      };
      const waiting = readLinks(devices.map(({ folder }) => folder));
      return waiting === undefined ? add() : waiting.then(add);
    };
  },
};

/** Reads what tells of links, if there can be anything new about it. */
function readLinks(folders: readonly HostFolder[]): Promise<void> | undefined {
  const changes = folders.map((folder) => [folder.attribute('flags'), folder.attribute('carrier_changes')]);
  const key = changes.flat().includes(undefined) ? undefined : changes.join();
  return allOf(folders.map((folder) => folder.readAside(isUp(folder) ? linkNames : downNames, key)));
}

function addDevice(
  samples: Samples,
  device: string,
  folder: HostFolder,
  { alias, ignoresSpeed }: { readonly alias: string; readonly ignoresSpeed: boolean },
): void {
  const of = (name: string): string => folder.attribute(name) ?? '';
  samples.add(up, of('operstate') === 'up' ? 1 : 0, device);
  const admin = folder.number('flags') === undefined ? 'unknown' : isUp(folder) ? 'up' : 'down';
  samples.add(info, 1, device, of('address'), of('broadcast'), of('duplex'), of('operstate'), admin, alias);
  for (const [file, family] of lastingNumbers) samples.add(family, folder.lastingNumber(file), device);
  for (const [file, family] of numbers) samples.add(family, folder.number(file), device);
  const megabits = folder.number('speed');
  if (megabits !== undefined && (megabits >= 0 || !ignoresSpeed))
    samples.add(speed, (megabits * 1_000_000) / 8, device);
}

function isUp(folder: HostFolder): boolean {
  return ((folder.number('flags') ?? 0) & isUpFlag) !== 0;
}
