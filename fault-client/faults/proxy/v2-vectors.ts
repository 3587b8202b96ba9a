import { crc32c } from '../../connect/crc32c.ts';
import { hexBytes, v2Signature, v2Tlv } from '../../connect/proxy-header.ts';
import type { Fault } from '../fault.ts';
import { type Vector, vectorFault } from './vector.ts';

/** 203.0.113.10:54321 to 192.0.2.10:443. */
const ipv4 = Buffer.from('cb00710ac000020ad43101bb', 'hex');
/** 2001:db8::1, port 54321, to 2001:db8::2, port 443. */
const ipv6 = Buffer.from('20010db800000000000000000000000120010db8000000000000000000000002d43101bb', 'hex');
const tlv = (type: number, text: string): Buffer => v2Tlv(type, Buffer.from(text, 'latin1'));
const tlvHex = (type: number, hex: string): Buffer => v2Tlv(type, hexBytes(hex, `TLV ${type}`));
const noop = (bytes: number): Buffer => v2Tlv(4, Buffer.alloc(bytes));

const accepted = 'a valid header: the connection is served';
const refused = 'no valid header: the connection is refused before TLS';

type Entry = [id: string, bytes: Buffer, summary: string, after?: Vector['after'], peerMustSee?: string];

const served: Entry[] = [
  ['pp2-tcp4', header(0x21, 0x11, ipv4), 'PROXY, TCP over IPv4.'],
  ['pp2-tcp6', header(0x21, 0x21, ipv6), 'PROXY, TCP over IPv6.'],
  ['pp2-udp4', header(0x21, 0x12, ipv4), 'PROXY, UDP over IPv4.'],
  ['pp2-udp6', header(0x21, 0x22, ipv6), 'PROXY, UDP over IPv6.'],
  ['pp2-unix-stream', header(0x21, 0x31, Buffer.alloc(216, 'a')), 'PROXY, a UNIX socket.'],
  ['pp2-unix-dgram', header(0x21, 0x32, Buffer.alloc(216, 'a')), 'PROXY, a UNIX datagram socket.'],
  ['pp2-local', header(0x20, 0x00), 'LOCAL without addresses.'],
  ['pp2-local-with-addr', header(0x20, 0x11, ipv4), 'LOCAL with addresses, which are to be ignored.'],
  ['pp2-unspec', header(0x21, 0x00), 'PROXY, UNSPEC.'],
];

/** What senders in the field put into a header (haproxy doc/proxy-protocol.txt 2.2, and their own documents). */
const tlvs: Entry[] = [
  ['pp2-tlv-alpn', header(0x21, 0x11, ipv4, tlv(1, 'h2')), 'The ALPN TLV.'],
  [
    'pp2-tlv-authority',
    header(0x21, 0x11, ipv4, tlv(2, 'localhost')),
    'The AUTHORITY TLV: a name as in SNI.',
  ],
  ['pp2-tlv-authority-255', header(0x21, 0x11, ipv4, tlv(2, 'a'.repeat(255))), 'The longest AUTHORITY.'],
  ['pp2-tlv-crc', withCrc(), 'A correct CRC32c.'],
  ['pp2-tlv-noop', header(0x21, 0x11, ipv4, noop(3)), 'Three bytes of NOOP.'],
  ['pp2-tlv-noop-empty', header(0x21, 0x11, ipv4, noop(0)), 'A NOOP without a byte.'],
  ['pp2-tlv-uid', header(0x21, 0x11, ipv4, tlv(5, 'tid-1')), 'A unique id.'],
  ['pp2-tlv-uid-128', header(0x21, 0x11, ipv4, tlv(5, 'a'.repeat(128))), 'The longest unique id.'],
  ['pp2-tlv-netns', header(0x21, 0x11, ipv4, tlv(0x30, 'blue')), 'A network namespace.'],
  [
    'pp2-tlv-ssl',
    header(
      0x21,
      0x11,
      ipv4,
      v2Tlv(
        0x20,
        Buffer.concat([
          // SSL, and a certificate on this connection and this session; verified.
          hexBytes('0700000000', 'SSL'),
          tlv(0x21, 'TLSv1.3'),
          tlv(0x22, 'Example Common Name Client Cert'),
          tlv(0x23, 'TLS_AES_128_GCM_SHA256'),
        ]),
      ),
    ),
    'The SSL TLV: version, common name and cipher of a client with a certificate.',
  ],
  [
    'pp2-tlv-aws',
    hexBytes(
      `0d0a0d0a000d0a515549540a21110054ac1f0771ac1f0a1fc8f20050030004e8d6892dea001701767063652d3038643262663135666163353030316339040024${'00'.repeat(36)}`,
      'pp2-tlv-aws',
    ),
    'A header as an AWS load balancer sends it: CRC32c, VPC endpoint, NOOP.',
  ],
  [
    'pp2-tlv-aws-2',
    hexBytes(
      `0d0a0d0a000d0a515549540a21110054c0a82c0ac0a82c07cc3e241b030004b9286fa6ea001701767063652d3030656166633435386563393762383333040024${'00'.repeat(36)}`,
      'pp2-tlv-aws-2',
    ),
    'Another header of an AWS load balancer.',
  ],
  [
    'pp2-tlv-aws-badchars',
    header(0x21, 0x11, ipv4, tlvHex(0xea, '01767063652dff00')),
    'A VPC endpoint with bytes that no name has; to a receiver a value of a sender of its own.',
  ],
  ['pp2-tlv-azure', header(0x21, 0x11, ipv4, tlvHex(0xee, '01c1450021')), 'The link identifier of Azure.'],
  [
    'pp2-tlv-azure-short',
    header(0x21, 0x11, ipv4, tlvHex(0xee, '020101')),
    'An Azure TLV of another type and of three bytes; to a receiver a value of a sender of its own.',
  ],
  ['pp2-tlv-gcp', header(0x21, 0x11, ipv4, tlvHex(0xe0, '00000000000004d2')), 'The connection of GCP.'],
  ['pp2-tlv-unknown', header(0x21, 0x11, ipv4, tlvHex(0xfa, '00ff')), 'A TLV nobody knows.'],
  [
    'pp2-tlv-many',
    hexBytes(
      '0d0a0d0a000d0a515549540a21110039cb00710ac000020ad43101bb01000268320200096c6f63616c686f73740500057469642d31300004626c75650400030000000300048f4d420a',
      'pp2-tlv-many',
    ),
    'ALPN, AUTHORITY, a unique id, a namespace, NOOP and a correct CRC32c.',
  ],
];

const malformed: Entry[] = [
  ['pp2-bad-version', header(0x11, 0x11, ipv4), 'Version 1 in a version 2 header.'],
  ['pp2-bad-cmd', header(0x22, 0x11, ipv4), 'Command 2, which does not exist.'],
  ['pp2-bad-fam', header(0x21, 0x41, ipv4), 'Address family 4, which does not exist.'],
  ['pp2-bad-proto', header(0x21, 0x13, ipv4), 'Transport 3, which does not exist.'],
  ['pp2-bad-fam-local', header(0x20, 0x41, ipv4), 'LOCAL with address family 4, which does not exist.'],
  ['pp2-bad-proto-local', header(0x20, 0x13, ipv4), 'LOCAL with transport 3, which does not exist.'],
  ['pp2-short-len6', header(0x21, 0x21, ipv4), 'IPv6 with the length of IPv4.'],
  ['pp2-tlv-trunc-hdr', header(0x21, 0x11, ipv4, Buffer.of(4, 0)), 'A TLV of two bytes: its length is cut.'],
  ['pp2-tlv-one-byte', header(0x21, 0x11, ipv4, Buffer.of(4)), 'A TLV of one byte: it has no length.'],
  ['pp2-tlv-overrun', header(0x21, 0x11, ipv4, Buffer.of(4, 0, 9, 1)), 'A TLV longer than the header.'],
  ['pp2-tlv-stray-byte', header(0x21, 0x11, ipv4, noop(2), Buffer.of(4)), 'One byte after the last TLV.'],
  ['pp2-crc-bad', flipped(withCrc()), 'A CRC32c with one bit flipped.'],
  ['pp2-crc-len3', header(0x21, 0x11, ipv4, v2Tlv(3, Buffer.alloc(3))), 'A CRC32c of three bytes.'],
  [
    'pp2-crc-twice',
    header(0x21, 0x11, ipv4, v2Tlv(3, Buffer.alloc(4)), v2Tlv(3, Buffer.alloc(4))),
    'Two CRC32c TLVs.',
  ],
  [
    'pp2-authority-256',
    header(0x21, 0x11, ipv4, v2Tlv(2, Buffer.alloc(256, 'a'))),
    'An authority above 255 bytes.',
  ],
  ['pp2-uid-129', header(0x21, 0x11, ipv4, v2Tlv(5, Buffer.alloc(129, 'a'))), 'A unique id above 128 bytes.'],
  [
    'pp2-ssl-short',
    header(0x21, 0x11, ipv4, v2Tlv(0x20, Buffer.of(1, 0, 0, 0))),
    'An SSL TLV below its five bytes.',
  ],
  [
    'pp2-ssl-subtlv-overrun',
    header(0x21, 0x11, ipv4, v2Tlv(0x20, Buffer.from('0100000000210009', 'hex'))),
    'A TLV inside the SSL TLV that is longer than it.',
  ],
  [
    'pp2-sig-bitflip',
    flipSignature(),
    'One bit of the signature flipped.',
    'request',
    'no header, and no TLS either',
  ],
  [
    'pp2-len-over-eats-tls',
    header(0x21, 0x11, ipv4, undefined, undefined, 50),
    'A length 50 bytes above what follows: it eats into the ClientHello.',
    'request',
    'bytes that are no TLVs, or a handshake that fails; never a hang',
  ],
  [
    'pp2-len-max',
    header(0x21, 0x11, ipv4, undefined, undefined, 0xffff - 12),
    'A length of 65535, twelve bytes, then nothing.',
    'wait',
    'a header above its limit, or cut: refused at once or by its deadline, without 64 KiB of memory up front',
  ],
  [
    'pp2-sig-truncated',
    v2Signature.subarray(0, 8),
    'Eight bytes of the signature, then nothing.',
    'wait',
    'half a header until its own deadline ends the connection',
  ],
  [
    'pp2-sig-11-then-fin',
    v2Signature.subarray(0, 11),
    'Eleven bytes of the signature, then FIN.',
    'fin',
    'a header cut by the end of the stream',
  ],
];

export const v2Faults: Fault[] = [
  ...[...served, ...tlvs].map((entry) => toVector(entry, accepted)),
  ...malformed.map((entry) => toVector(entry, refused)),
].map((vector) => vectorFault(vector, '2.2'));

function toVector([id, bytes, summary, after = 'request', peerMustSee]: Entry, usual: string): Vector {
  return { id, bytes: { hex: bytes.toString('hex') }, after, summary, peerMustSee: peerMustSee ?? usual };
}

/** `lengthExtra` makes the length field lie. */
function header(
  versionCommand: number,
  family: number,
  addresses: Buffer = Buffer.alloc(0),
  tlv: Buffer = Buffer.alloc(0),
  tlv2: Buffer = Buffer.alloc(0),
  lengthExtra = 0,
): Buffer {
  const body = Buffer.concat([addresses, tlv, tlv2]);
  const length = body.length + lengthExtra;
  return Buffer.concat([v2Signature, Buffer.of(versionCommand, family, length >> 8, length & 0xff), body]);
}

function withCrc(): Buffer {
  const bytes = header(0x21, 0x11, ipv4, v2Tlv(3, Buffer.alloc(4)));
  bytes.writeUInt32BE(crc32c(bytes), bytes.length - 4);
  return bytes;
}

function flipped(bytes: Buffer): Buffer {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

function flipSignature(): Buffer {
  const bytes = header(0x21, 0x11, ipv4);
  bytes[5]! ^= 1;
  return bytes;
}
