import { isIP } from 'node:net';

/** What node:net's BlockList.addSubnet takes. */
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
