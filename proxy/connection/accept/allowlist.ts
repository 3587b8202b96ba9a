import { BlockList, isIPv6 } from 'node:net';

/** Stands for the address of a peer that reset before it was accepted: the kernel no longer tells it. On no list. */
export const unknownPeerIp = '0.0.0.0';

/** Match an address against CIDRs that the configuration has checked; an empty list matches everyone. */
export function createAddressMatcher(cidrs: readonly string[]): (ip: string) => boolean {
  if (cidrs.length === 0) return () => true;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return (ip) => ip !== unknownPeerIp && list.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}
