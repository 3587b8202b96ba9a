import { isIPv4, isIPv6 } from 'node:net';
import { type Endpoint, malformed, type ParsedHeader } from './header.ts';

/**
 * Parse a whole v1 line, CRLF included (section 2.1). Exact: one space between fields, no leading zeros, no sign, the
 * addresses of the family that is named.
 */
export function parseV1(raw: Buffer): ParsedHeader {
  const line = raw.toString('latin1', 0, raw.length - 2);
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) {
    return {
      header: { version: 'v1', command: 'PROXY', family: 'UNKNOWN', src: null, dst: null, tlvs: [], raw },
      error: null,
    };
  }
  const [keyword, family, srcIp, dstIp, srcPort, dstPort, ...rest] = line.split(' ');
  if (keyword !== 'PROXY') return malformed('no space after PROXY');
  if (family !== 'TCP4' && family !== 'TCP6')
    return malformed(`protocol ${shown(family)}, not TCP4, TCP6 or UNKNOWN`);
  if (rest.length > 0) return malformed('more fields than two addresses and two ports');
  const src = endpoint(family, srcIp, srcPort);
  if (typeof src === 'string') return malformed(`source ${src}`);
  const dst = endpoint(family, dstIp, dstPort);
  if (typeof dst === 'string') return malformed(`destination ${dst}`);
  return { header: { version: 'v1', command: 'PROXY', family, src, dst, tlvs: [], raw }, error: null };
}

/** Addresses and ports are checked apart so that the error names the one that is wrong. */
function endpoint(
  family: 'TCP4' | 'TCP6',
  ip: string | undefined,
  port: string | undefined,
): Endpoint | string {
  const valid = family === 'TCP4' ? isIPv4(ip ?? '') : isIPv6(ip ?? '') && !ip!.includes('%');
  if (!valid) return `address ${shown(ip)} is not ${family === 'TCP4' ? 'IPv4' : 'IPv6'}`;
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(port ?? '') || Number(port) > 65535)
    return `port ${shown(port)} is not 0 to 65535`;
  return { ip: ip!, port: Number(port) };
}

function shown(field: string | undefined): string {
  return field === undefined ? 'missing' : JSON.stringify(field);
}
