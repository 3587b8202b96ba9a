import { BlockList, isIP } from 'node:net';

export type Cidr = { address: string; prefix: number; family: 'ipv4' | 'ipv6' };

/** Reads `10.1.2.3/8` (host bits are allowed), or an address alone; null when it is neither. */
export function parseCidr(text: string): Cidr | null {
  const [address, bits, ...more] = text.split('/');
  const version = isIP(address!);
  if (version === 0 || more.length > 0 || address!.includes('%')) return null;
  const longest = version === 4 ? 32 : 128;
  if (bits === undefined) return { address: address!, prefix: longest, family: `ipv${version as 4 | 6}` };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > longest) return null;
  return { address: address!, prefix: Number(bits), family: `ipv${version as 4 | 6}` };
}

/** The CIDRs of a checked configuration as one list; an IPv4-mapped IPv6 peer matches an IPv4 entry. Throws on a bad one. */
export function blockListOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of cidrs) {
    const cidr = parseCidr(text);
    if (cidr === null) throw new Error(`"${text}" is not a CIDR`);
    list.addSubnet(cidr.address, cidr.prefix, cidr.family);
  }
  return list;
}
