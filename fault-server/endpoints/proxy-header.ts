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

/** Five bytes are enough: no protocol this server speaks has a word of that beginning. */
const V1_SIGNATURE = Buffer.from('PROXY');
const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1_MAX_BYTES = 107;
/** The length field allows 65535; HAProxy and others stop far below, and a peer is not to decide what is kept. */
const V2_MAX_PAYLOAD_BYTES = 4096;

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
  if (start.length > V1_SIGNATURE.length && start[V1_SIGNATURE.length] !== 0x20)
    return invalid(start.length, 'v1: no space after PROXY');
  const window = start.subarray(0, V1_MAX_BYTES);
  const end = window.indexOf('\r\n');
  // Neither may stand alone (2.1); a CR at the end of what came may still be followed by its LF.
  const text = end < 0 ? window : window.subarray(0, end);
  const lone = text.findIndex(
    (byte, at) => byte === 0x0a || (byte === 0x0d && (at + 1 < text.length || end >= 0)),
  );
  if (lone >= 0) return invalid(lone + 1, 'v1: CR or LF alone');
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
  if (bytes - 16 > V2_MAX_PAYLOAD_BYTES) return invalid(16, `v2: ${bytes - 16} bytes after the fixed part`);
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
  if (command === 0) return header;
  if (bytes - 16 < addressBytes) return invalid(bytes, 'v2: length shorter than the addresses');
  const body = start.subarray(16, bytes);
  if (family === 1) {
    header.src = hostPort([...body.subarray(0, 4)].join('.'), body.readUInt16BE(8));
    header.dst = hostPort([...body.subarray(4, 8)].join('.'), body.readUInt16BE(10));
  } else if (family === 2) {
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
  const wrong = valueError(header.tlvs) ?? checksumError(start.subarray(0, bytes), 16 + addressBytes);
  return wrong === null ? header : invalid(bytes, `v2: ${wrong}`);
}

/** Lengths that 2.2.1 to 2.2.7 fix. Types it does not describe are their senders' own. */
function valueError(tlvs: ProxyHeader['tlvs']): string | null {
  for (const { type, value_hex } of tlvs) {
    const length = value_hex.length / 2;
    if (type === 0x02 && length > 255) return `authority of ${length} bytes`;
    if (type === 0x03 && length !== 4) return `CRC32c of ${length} bytes`;
    if (type === 0x05 && length > 128) return `unique id of ${length} bytes`;
    if (type === 0x20 && !isSslValue(Buffer.from(value_hex, 'hex'))) return 'SSL TLV cut short';
  }
  return tlvs.filter(({ type }) => type === 0x03).length > 1 ? 'two CRC32c' : null;
}

/** Five bytes, then TLVs that end where the value ends. */
function isSslValue(value: Buffer): boolean {
  let offset = 5;
  while (offset < value.length) {
    if (value.length - offset < 3) return false;
    offset += 3 + value.readUInt16BE(offset + 1);
  }
  return offset === value.length;
}

/** The sum is over the whole header with its own four bytes zero (2.2.3). */
function checksumError(header: Buffer, firstTlv: number): string | null {
  for (let offset = firstTlv; offset < header.length; offset += 3 + header.readUInt16BE(offset + 1)) {
    if (header[offset] !== 0x03) continue;
    const zeroed = Buffer.from(header).fill(0, offset + 3, offset + 7);
    return crc32c(zeroed) === header.readUInt32BE(offset + 3) ? null : 'CRC32c does not match';
  }
  return null;
}

/** Castagnoli, reflected, bit by bit: a header is short. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
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
