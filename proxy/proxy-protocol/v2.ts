import { v2HeaderBytes } from '../../protos/proxy-protocol/constants.ts';
import { ipv4Text, ipv6Text } from './addresses.ts';
import { type Endpoint, malformed, type ParsedHeader, type ProxyHeader } from './header.ts';
import { parseTlvs } from './tlvs.ts';

const LOCAL = 0;
const families = ['UNSPEC', 'INET', 'INET6', 'UNIX'] as const;
const addressBytes = { UNSPEC: 0, INET: 12, INET6: 36, UNIX: 216 } as const;

/**
 * The fault in as much of the fixed part as is there (section 2.2: version, command, family, protocol, length); null when
 * there is none so far.
 */
export function v2FixedFault(start: Buffer, maxPayloadBytes: number): string | null {
  const [versionCommand, familyProtocol] = [start[12], start[13]];
  if (versionCommand === undefined) return null;
  if (versionCommand >> 4 !== 2) return `version ${versionCommand >> 4}, not 2`;
  if ((versionCommand & 15) > 1) return `command ${versionCommand & 15}, neither LOCAL nor PROXY`;
  if (familyProtocol === undefined) return null;
  const family = families[familyProtocol >> 4];
  if (family === undefined) return `address family ${familyProtocol >> 4}`;
  if ((familyProtocol & 15) > 2) return `transport protocol ${familyProtocol & 15}`;
  if (start.length < v2HeaderBytes) return null;
  const length = start.readUInt16BE(14);
  if (length > maxPayloadBytes) return `a header of ${length} bytes, ${maxPayloadBytes} at most`;
  if ((versionCommand & 15) !== LOCAL && length < addressBytes[family]) {
    return `${length} bytes are too few for ${family} addresses, ${addressBytes[family]} at least`;
  }
  return null;
}

/** Parse a whole v2 header whose fixed part has been checked. */
export function parseV2(raw: Buffer): ParsedHeader {
  const family = families[raw[13]! >> 4]!;
  const isLocal = (raw[12]! & 15) === LOCAL;
  if (isLocal) {
    // Section 2.2: the receiver skips what follows a LOCAL command.
    return { header: { ...v2Header(raw), command: 'LOCAL', src: null, dst: null, tlvs: [] }, error: null };
  }
  const parsed = parseTlvs(raw, v2HeaderBytes + addressBytes[family]);
  if (parsed.tlvs === null) return malformed(parsed.error);
  const [src, dst] = addresses(raw.subarray(v2HeaderBytes), family);
  return { header: { ...v2Header(raw), command: 'PROXY', src, dst, tlvs: parsed.tlvs }, error: null };
}

function v2Header(raw: Buffer): Pick<ProxyHeader, 'version' | 'family' | 'raw'> {
  return { version: 'v2', family: familyName(raw[13]!), raw };
}

function familyName(familyProtocol: number): ProxyHeader['family'] {
  switch (familyProtocol) {
    case 0x11:
      return 'TCP4';
    case 0x12:
      return 'UDP4';
    case 0x21:
      return 'TCP6';
    case 0x22:
      return 'UDP6';
    case 0x31:
      return 'UNIX_STREAM';
    case 0x32:
      return 'UNIX_DGRAM';
    default:
      return 'UNSPEC';
  }
}

function addresses(block: Buffer, family: (typeof families)[number]): [Endpoint | null, Endpoint | null] {
  if (family === 'INET') {
    return [
      { ip: ipv4Text(block.subarray(0, 4)), port: block.readUInt16BE(8) },
      { ip: ipv4Text(block.subarray(4, 8)), port: block.readUInt16BE(10) },
    ];
  }
  if (family === 'INET6') {
    return [
      { ip: ipv6Text(block.subarray(0, 16)), port: block.readUInt16BE(32) },
      { ip: ipv6Text(block.subarray(16, 32)), port: block.readUInt16BE(34) },
    ];
  }
  return [null, null];
}
