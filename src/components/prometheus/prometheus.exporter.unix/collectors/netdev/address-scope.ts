import { BlockList, isIPv6 } from 'node:net';

const linkLocal = new BlockList();
linkLocal.addSubnet('127.0.0.0', 8);
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('224.0.0.0', 24);
linkLocal.addAddress('::1', 'ipv6');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addSubnet('ff02::', 16, 'ipv6');

const interfaceLocal = new BlockList();
interfaceLocal.addSubnet('ff01::', 16, 'ipv6');

/** How far an address is of use: on a `link-local`, on one interface, or everywhere. */
export function addressScope(address: string): 'link-local' | 'interface-local' | 'global' {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (linkLocal.check(address, family)) return 'link-local';
  return interfaceLocal.check(address, family) ? 'interface-local' : 'global';
}
