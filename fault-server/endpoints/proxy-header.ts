/**
 * The PROXY protocol as this server reads it (HAProxy's proxy-protocol.txt). Written on its own, apart from the proxy's
 * decoder, because it is one of the witnesses that the proxy's header arrived byte for byte.
 */

export type ProxyHeader = {
  version: 'none' | 'v1' | 'v2' | 'invalid';
  command: 'PROXY' | 'LOCAL' | null;
  src: string | null;
  dst: string | null;
  tlvs: { type: number; value_hex: string }[];
  /** Bytes of the header at the start of the stream; what follows belongs to TLS or the protocol. */
  bytes: number;
  error: string | null;
};

/**
 * Reads the start of a stream. `null` means: not enough bytes yet to know.
 * `ended` says that no more bytes will come, so that a mere beginning is no header.
 */
export function readProxyHeader(start: Buffer, ended: boolean): ProxyHeader | null {
  const couldBeV1 = isPrefix(start, V1_SIGNATURE);
  const couldBeV2 = isPrefix(start, V2_SIGNATURE);
  if (couldBeV1 && start.length >= V1_SIGNATURE.length) return readV1(start, ended);
  if (couldBeV2 && start.length >= V2_SIGNATURE.length) return readV2(start, ended);
  if ((couldBeV1 || couldBeV2) && !ended) return null;
  return nothing();
}

const V1_SIGNATURE = Buffer.from('PROXY ');
const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1_MAX_BYTES = 107;

/** A new one for each connection: its list of TLVs is filled in place. */
function nothing(): ProxyHeader {
  return { version: 'none', command: null, src: null, dst: null, tlvs: [], bytes: 0, error: null };
}

function isPrefix(start: Buffer, signature: Buffer): boolean {
  const length = Math.min(start.length, signature.length);
  return start.subarray(0, length).equals(signature.subarray(0, length));
}

function invalid(bytes: number, error: string): ProxyHeader {
  return { ...nothing(), version: 'invalid', bytes, error };
}

function readV1(start: Buffer, ended: boolean): ProxyHeader | null {
  const end = start.subarray(0, V1_MAX_BYTES).indexOf('\r\n');
  if (end < 0) {
    if (start.length >= V1_MAX_BYTES) return invalid(V1_MAX_BYTES, 'v1: no CRLF within 107 bytes');
    return ended ? invalid(start.length, 'v1: cut short') : null;
  }
  const bytes = end + 2;
  const line = start.toString('latin1', 0, end);
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) {
    return { ...nothing(), version: 'v1', command: 'PROXY', bytes };
  }
  const match = /^PROXY (TCP4|TCP6) ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) (\d{1,5}) (\d{1,5})$/.exec(line);
  if (!match) return invalid(bytes, 'v1: malformed line');
  const [, family, src = '', dst = '', srcPort = '', dstPort = ''] = match;
  for (const port of [srcPort, dstPort]) {
    if (Number(port) > 65_535 || String(Number(port)) !== port) return invalid(bytes, `v1: port ${port}`);
  }
  const wanted = family === 'TCP4' ? isIpv4Text : isIpv6Text;
  for (const address of [src, dst]) {
    if (!wanted(address)) return invalid(bytes, `v1: address ${address}`);
  }
  return {
    ...nothing(),
    version: 'v1',
    command: 'PROXY',
    src: hostPort(src, Number(srcPort)),
    dst: hostPort(dst, Number(dstPort)),
    bytes,
  };
}

function readV2(start: Buffer, ended: boolean): ProxyHeader | null {
  if (start.length < 16) return ended ? invalid(start.length, 'v2: cut short') : null;
  const bytes = 16 + start.readUInt16BE(14);
  const versionAndCommand = start.readUInt8(12);
  const familyAndTransport = start.readUInt8(13);
  if (versionAndCommand >> 4 !== 2) return invalid(16, `v2: version ${versionAndCommand >> 4}`);
  const command = versionAndCommand & 0xf;
  if (command > 1) return invalid(16, `v2: command ${command}`);
  if (start.length < bytes) return ended ? invalid(start.length, 'v2: cut short') : null;
  const family = familyAndTransport >> 4;
  const addressBytes = [0, 12, 36, 216][family];
  if (addressBytes === undefined || (familyAndTransport & 0xf) > 2) {
    return invalid(bytes, `v2: family and transport 0x${familyAndTransport.toString(16)}`);
  }
  const header: ProxyHeader = {
    ...nothing(),
    version: 'v2',
    command: command === 0 ? 'LOCAL' : 'PROXY',
    bytes,
  };
  // The receiver of a LOCAL header uses the real addresses and skips what the header carries (2.2).
  if (command === 0 && bytes - 16 < addressBytes) return header;
  if (bytes - 16 < addressBytes) return invalid(bytes, 'v2: length shorter than the addresses');
  const body = start.subarray(16, bytes);
  if (command === 1 && family === 1) {
    header.src = hostPort([...body.subarray(0, 4)].join('.'), body.readUInt16BE(8));
    header.dst = hostPort([...body.subarray(4, 8)].join('.'), body.readUInt16BE(10));
  } else if (command === 1 && family === 2) {
    header.src = hostPort(ipv6Text(body.subarray(0, 16)), body.readUInt16BE(32));
    header.dst = hostPort(ipv6Text(body.subarray(16, 32)), body.readUInt16BE(34));
  }
  const rest = body.subarray(addressBytes);
  for (let offset = 0; offset < rest.length; ) {
    if (rest.length - offset < 3) return invalid(bytes, 'v2: bytes left over after the last TLV');
    const length = rest.readUInt16BE(offset + 1);
    const next = offset + 3 + length;
    if (next > rest.length) return invalid(bytes, 'v2: TLV longer than the header');
    header.tlvs.push({
      type: rest.readUInt8(offset),
      value_hex: rest.subarray(offset + 3, next).toString('hex'),
    });
    offset = next;
  }
  return header;
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function isIpv4Text(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => String(Number(part)) === part && Number(part) <= 255);
}

function isIpv6Text(text: string): boolean {
  return text.includes(':') && URL.canParse(`http://[${text}]/`);
}

/** RFC 5952 text of 16 bytes, by the URL parser's own serializer. */
function ipv6Text(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
