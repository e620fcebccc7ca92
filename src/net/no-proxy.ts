import { BlockList, isIP, isIPv6 } from 'node:net';

type Rule = (host: string, port: string) => boolean;

/**
 * Reads a list of hosts that are reached without a proxy, as Go's clients do: names with their subdomains, `.name` for
 * subdomains only, addresses, CIDR ranges and `*` for everything, each but the last two with an optional port. Hosts on
 * this machine never need to be listed.
 */
export function noProxyRule(list: string): (url: URL) => boolean {
  const rules = list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (url) => {
    const host = hostOf(url);
    if (isLocal(host)) return true;
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    return rules.some((rule) => rule(host, port));
  };
}

/** The host of a URL without the brackets around IPv6 addresses. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLocal(host: string): boolean {
  return host === 'localhost' || (isIP(host) > 0 && loopback.check(host, familyOf(host)));
}

function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true;
  const [, network = '', prefix = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(network) > 0 && Number(prefix) <= (isIPv6(network) ? 128 : 32)) {
    const range = new BlockList();
    range.addSubnet(network, Number(prefix), familyOf(network));
    return (host) => isIP(host) > 0 && range.check(host, familyOf(host));
  }
  const { name, port } = splitPort(entry);
  const isPort = (given: string): boolean => port === undefined || port === given;
  if (isIP(name) > 0) {
    const one = new BlockList();
    one.addAddress(name, familyOf(name));
    return (host, given) => isPort(given) && isIP(host) > 0 && one.check(host, familyOf(host));
  }
  const domain = name.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.')
    ? (host, given) => isPort(given) && host.endsWith(domain)
    : (host, given) => isPort(given) && (host === domain || host.endsWith(`.${domain}`));
}

function splitPort(entry: string): { name: string; port: string | undefined } {
  if (isIP(entry) > 0) return { name: entry, port: undefined };
  const [, name = entry, port] = /^(.+):(\d+)$/.exec(entry) ?? [];
  return { name: name.replace(/^\[(.*)\]$/, '$1'), port };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
