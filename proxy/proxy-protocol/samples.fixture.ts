import { crc32c } from '../../protos/proxy-protocol/crc32c.ts';
import type { ProxyHeader } from './header.ts';

export const SIGNATURE = '0d0a0d0a000d0a515549540a';
export const INET = 'cb00710ac000020ad43101bb';
const INET6 = '20010db800000000000000000000000120010db8000000000000000000000002d43101bb';
const client4 = { ip: '203.0.113.10', port: 54321 };
const server4 = { ip: '192.0.2.10', port: 443 };

export const hex = (text: string) => Buffer.from(text, 'hex');
export const text = (value: string) => Buffer.from(value, 'latin1');
const u16 = (value: number) => value.toString(16).padStart(4, '0');

/** A v2 header around a payload in hex; `length` overrides the true one. */
export function v2(
  versionCommand: string,
  family: string,
  payload: string,
  length = payload.length / 2,
): Buffer {
  return hex(`${SIGNATURE}${versionCommand}${family}${u16(length)}${payload}`);
}

const tlv = (type: string, value: string, length = value.length / 2) => `${type}${u16(length)}${value}`;

/** A TCP4 header whose last TLV is a right CRC32C. */
function withChecksum(tlvs = ''): Buffer {
  const header = v2('21', '11', `${INET}${tlvs}${tlv('03', '00000000')}`);
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}

/** Headers the specification allows, with what they say. */
export const valid: [string, Buffer, Partial<ProxyHeader>][] = [
  [
    'pp1-tcp4',
    text('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n'),
    { version: 'v1', command: 'PROXY', family: 'TCP4', src: client4, dst: server4, tlvs: [] },
  ],
  [
    'pp1-tcp6',
    text('PROXY TCP6 2001:db8::1 2001:db8::2 54321 443\r\n'),
    { family: 'TCP6', src: { ip: '2001:db8::1', port: 54321 }, dst: { ip: '2001:db8::2', port: 443 } },
  ],
  ['pp1-v4mapped', text('PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n'), { src: { ip: '::ffff:1.2.3.4', port: 1 } }],
  [
    'pp1-ports-edge',
    text('PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n'),
    { src: { ip: '0.0.0.0', port: 0 } },
  ],
  [
    'pp1-unknown-short',
    text('PROXY UNKNOWN\r\n'),
    { family: 'UNKNOWN', command: 'PROXY', src: null, dst: null },
  ],
  ['pp1-unknown-long', text(`PROXY UNKNOWN ${'a'.repeat(91)}\r\n`), { family: 'UNKNOWN', src: null }],
  ['pp1-unknown-addresses', text('PROXY UNKNOWN 1.2.3.4 x \xff\0 1\r\n'), { src: null, dst: null }],
  [
    'pp1-tcp6-longest',
    text(
      `PROXY TCP6 ${'f'.repeat(4)}${':ffff'.repeat(7)} ${'f'.repeat(4)}${':ffff'.repeat(7)} 65535 65535\r\n`,
    ),
    { family: 'TCP6' },
  ],
  ['pp2-tcp4', v2('21', '11', INET), { version: 'v2', family: 'TCP4', src: client4, dst: server4, tlvs: [] }],
  [
    'pp2-tcp6',
    v2('21', '21', INET6),
    { family: 'TCP6', src: { ip: '2001:db8::1', port: 54321 }, dst: { ip: '2001:db8::2', port: 443 } },
  ],
  ['pp2-udp4', v2('21', '12', INET), { family: 'UDP4', src: client4 }],
  ['pp2-udp6', v2('21', '22', INET6), { family: 'UDP6' }],
  [
    'pp2-unix-stream',
    v2('21', '31', '2f61'.padEnd(432, '0')),
    { family: 'UNIX_STREAM', src: null, dst: null },
  ],
  ['pp2-unix-dgram', v2('21', '32', ''.padEnd(432, '0')), { family: 'UNIX_DGRAM', src: null }],
  ['pp2-unspec', v2('21', '00', ''), { command: 'PROXY', family: 'UNSPEC', src: null, dst: null }],
  [
    'pp2-unspec-with-tlv',
    v2('21', '00', tlv('01', '6832')),
    { src: null, tlvs: [{ type: 1, name: 'ALPN', valueHex: '6832' }] },
  ],
  ['pp2-inet-unspec', v2('21', '10', INET), { family: 'UNSPEC', src: client4 }],
  ['pp2-local', hex(`${SIGNATURE}20000000`), { command: 'LOCAL', src: null, dst: null }],
  ['pp2-local-with-addr', v2('20', '11', INET), { command: 'LOCAL', src: null, dst: null }],
  ['pp2-local-with-anything', v2('20', '11', 'ffff'), { command: 'LOCAL', src: null, tlvs: [] }],
  ['pp-spoof-loopback', v2('21', '11', '7f000001000000000000ffff'), { src: { ip: '127.0.0.1', port: 0 } }],
  [
    'pp2-tlv-all',
    hex(
      '0d0a0d0a000d0a515549540a21110039cb00710ac000020ad43101bb01000268320200096c6f63616c686f73740500057469642d31300004626c75650400030000000300048f4d420a',
    ),
    {
      tlvs: [
        { type: 1, name: 'ALPN', valueHex: '6832' },
        { type: 2, name: 'AUTHORITY', valueHex: '6c6f63616c686f7374' },
        { type: 5, name: 'UNIQUE_ID', valueHex: '7469642d31' },
        { type: 0x30, name: 'NETNS', valueHex: '626c7565' },
        { type: 4, name: 'NOOP', valueHex: '000000' },
        { type: 3, name: 'CRC32C', valueHex: '8f4d420a' },
      ],
    },
  ],
  [
    'pp2-tlv-aws (a capture, its CRC32C included)',
    hex(
      `0d0a0d0a000d0a515549540a21110054ac1f0771ac1f0a1fc8f20050030004e8d6892dea001701767063652d3038643262663135666163353030316339040024${'00'.repeat(36)}`,
    ),
    { src: { ip: '172.31.7.113', port: 51442 }, dst: { ip: '172.31.10.31', port: 80 } },
  ],
  [
    'pp2-tlv-aws, the second capture',
    hex(
      `0d0a0d0a000d0a515549540a21110054c0a82c0ac0a82c07cc3e241b030004b9286fa6ea001701767063652d3030656166633435386563393762383333040024${'00'.repeat(36)}`,
    ),
    { src: { ip: '192.168.44.10', port: 52286 } },
  ],
  [
    'pp2-tlv-azure',
    v2('21', '11', INET + tlv('ee', '01c1450021')),
    { tlvs: [{ type: 0xee, name: 'AZURE', valueHex: '01c1450021' }] },
  ],
  [
    'pp2-tlv-gcp',
    v2('21', '11', INET + tlv('e0', '0000000000000001')),
    { tlvs: [{ type: 0xe0, name: 'GCP_PSC', valueHex: '0000000000000001' }] },
  ],
  [
    'pp2-tlv-unknown',
    v2('21', '11', INET + tlv('99', '')),
    { tlvs: [{ type: 0x99, name: 'UNKNOWN_99', valueHex: '' }] },
  ],
  [
    'pp2-aws-badchars',
    v2('21', '11', INET + tlv('ea', '01ff')),
    { tlvs: [{ type: 0xea, name: 'AWS', valueHex: '01ff' }] },
  ],
  [
    'pp2-tlv-ssl',
    v2('21', '11', INET + tlv('20', `0700000000${tlv('21', '544c5376312e33')}`)),
    { family: 'TCP4' },
  ],
  ['pp2-tlv-crc', withChecksum(), { src: client4 }],
  ['pp2-authority-255', v2('21', '11', INET + tlv('02', '61'.repeat(255))), { family: 'TCP4' }],
  ['pp2-uid-128', v2('21', '11', INET + tlv('05', '61'.repeat(128))), { family: 'TCP4' }],
  [
    'pp2-len-cap',
    v2('21', '11', INET + tlv('e1', '00'.repeat(4096 - 15))),
    { tlvs: [{ type: 0xe1, name: 'CUSTOM_E1', valueHex: '00'.repeat(4081) }] },
  ],
  [
    'haproxy reg-test',
    v2('21', '11', `7f0000017f000001002a0539${tlv('02', '3132333435')}`),
    { src: { ip: '127.0.0.1', port: 42 } },
  ],
];

const v1Line = (fields: string) => text(`PROXY ${fields}\r\n`);
const flip = (buffer: Buffer, at: number) => {
  const copy = Buffer.from(buffer);
  copy[at]! ^= 1;
  return copy;
};

/** Headers it forbids, with words of the error. */
export const invalid: [string, Buffer, string][] = [
  ['pp1-no-crlf-107', text(`PROXY UNKNOWN ${'a'.repeat(93)}`), 'no CRLF in 107 bytes'],
  ['pp1-unknown-108', text(`PROXY UNKNOWN ${'a'.repeat(92)}\r\n`), 'no CRLF in 107 bytes'],
  ['pp1-lf-only', text('PROXY TCP4 1.2.3.4 5.6.7.8 1 443\n'), 'LF without CR'],
  ['pp1-cr-only', text('PROXY TCP4 1.2.3.4 5.6.7.8 1 443\rx'), 'CR without LF'],
  ['pp1-no-proto', text('PROXY \r\n'), 'protocol ""'],
  ['pp1-nospace', text('PROXY\r\n'), 'no space'],
  ['pp1-glued', v1Line('TCP4 1.2.3.4 5.6.7.8 1 2').fill('X', 5, 6), 'no space'],
  ['pp1-junk', text('PROXYjunk'), 'no space'],
  ['pp1-tab', text('PROXY\tTCP4 1.2.3.4 5.6.7.8 1 2\r\n'), 'no space'],
  ['pp1-bad-proto', v1Line('SOMETHING 1.2.3.4 5.6.7.8 1 2'), 'protocol "SOMETHING"'],
  ['pp1-udp4', v1Line('UDP4 1.2.3.4 5.6.7.8 1 2'), 'protocol "UDP4"'],
  ['pp1-lower', v1Line('tcp4 1.2.3.4 5.6.7.8 1 2'), 'protocol "tcp4"'],
  ['pp1-unknown-glued', v1Line('UNKNOWNX'), 'protocol "UNKNOWNX"'],
  ['pp1-tcp4-with-v6', v1Line('TCP4 ::1 ::2 1 2'), 'source address "::1"'],
  ['pp1-tcp4-mapped', v1Line('TCP4 ::ffff:1.2.3.4 5.6.7.8 1 2'), 'source address'],
  ['pp1-tcp6-with-v4', v1Line('TCP6 1.2.3.4 5.6.7.8 1 2'), 'source address'],
  ['pp1-mixed', v1Line('TCP6 ::1 5.6.7.8 1 2'), 'destination address "5.6.7.8"'],
  ['pp1-port-plus', v1Line('TCP4 1.2.3.4 5.6.7.8 +80 2'), 'source port "+80"'],
  ['pp1-port-zero-lead', v1Line('TCP4 1.2.3.4 5.6.7.8 080 2'), 'source port "080"'],
  ['pp1-port-underscore', v1Line('TCP4 1.2.3.4 5.6.7.8 8_0 2'), 'source port "8_0"'],
  ['pp1-port-empty', v1Line('TCP4 1.2.3.4 5.6.7.8  2'), 'source port ""'],
  ['pp1-port-65536', v1Line('TCP4 1.2.3.4 5.6.7.8 65536 2'), 'source port "65536"'],
  ['pp1-port-neg', v1Line('TCP4 1.2.3.4 5.6.7.8 -1 2'), 'source port "-1"'],
  ['pp1-port-text', v1Line('TCP4 1.2.3.4 5.6.7.8 BADPORT 2'), 'source port "BADPORT"'],
  ['pp1-port-hex', v1Line('TCP4 1.2.3.4 5.6.7.8 1 0x1'), 'destination port "0x1"'],
  ['pp1-port-missing', v1Line('TCP4 1.2.3.4 5.6.7.8 1'), 'destination port missing'],
  ['pp1-octet-lead0', v1Line('TCP4 01.2.3.4 5.6.7.8 1 2'), 'source address'],
  ['pp1-octet-256', v1Line('TCP4 256.2.3.4 5.6.7.8 1 2'), 'source address'],
  ['pp1-three-octets', v1Line('TCP4 1.2.3 5.6.7.8 1 2'), 'source address'],
  ['pp1-zone', v1Line('TCP6 fe80::1%eth0 ::2 1 2'), 'source address'],
  ['pp1-brackets', v1Line('TCP6 [::1] ::2 1 2'), 'source address'],
  ['pp1-ipv6-9groups', v1Line('TCP6 1:2:3:4:5:6:7:8:9 ::2 1 2'), 'source address'],
  ['pp1-extra-token', v1Line('TCP4 1.2.3.4 5.6.7.8 1 2 3'), 'more fields'],
  ['pp1-double-space', v1Line(' TCP4 1.2.3.4 5.6.7.8 1 2'), 'protocol ""'],
  ['pp1-inner-tab', v1Line('TCP4 1.2.3.4\t5.6.7.8 1 2'), 'source address'],
  ['pp1-trailing-space', v1Line('TCP4 1.2.3.4 5.6.7.8 1 2 '), 'more fields'],
  ['pp1-nul', v1Line('TCP4 1.2.3.4\0 5.6.7.8 1 2'), 'source address'],
  ['pp1-nonascii', v1Line('TCP4 \xff.2.3.4 5.6.7.8 1 2'), 'source address'],
  ['pp2-bad-version', v2('11', '11', INET), 'version 1'],
  ['pp2-bad-cmd', v2('22', '11', INET), 'command 2'],
  ['pp2-bad-fam', v2('21', '41', INET), 'address family 4'],
  ['pp2-bad-fam-local', v2('20', '41', INET), 'address family 4'],
  ['pp2-bad-proto', v2('21', '13', INET), 'transport protocol 3'],
  ['pp2-bad-proto-local', v2('20', '13', INET), 'transport protocol 3'],
  ...Array.from({ length: 12 }, (_, length): [string, Buffer, string] => [
    `pp2-short-len-${length}`,
    v2('21', '11', INET.slice(0, length * 2)),
    'too few for INET',
  ]),
  ['pp2-short-len-tcp6', v2('21', '21', INET), 'too few for INET6'],
  ['pp2-short-len-unix', v2('21', '31', INET6), 'too few for UNIX'],
  ['pp2-len-max', v2('21', '11', INET, 0xffff), 'a header of 65535 bytes'],
  ['pp2-len-max-local', v2('20', '00', '', 4097), 'a header of 4097 bytes'],
  [
    'pp2-len-over-eats-tls',
    v2('21', '11', `${INET}16030100c8010000c40303${'5a'.repeat(39)}`),
    'runs over the end',
  ],
  ['pp2-tlv-trunc-hdr-1', v2('21', '11', `${INET}01`), '1 stray bytes'],
  ['pp2-tlv-trunc-hdr-2', v2('21', '11', `${INET}0100`), '2 stray bytes'],
  ['pp2-tlv-overrun', v2('21', '11', INET + tlv('01', '6832', 3)), 'TLV ALPN of 3 bytes runs over'],
  ['pp2-tlv-stray-byte', v2('21', '11', `${INET}${tlv('01', '6832')}00`), '1 stray bytes'],
  [
    'haproxy reg-test 02000A',
    v2('21', '11', `7f0000017f000001002a0539${tlv('02', '3132333435', 10)}`),
    'runs over',
  ],
  [
    'haproxy reg-test 020004',
    v2('21', '11', `7f0000017f000001002a0539${tlv('02', '3132333435', 4)}`),
    '1 stray bytes',
  ],
  ['pp2-crc-bad', flip(withChecksum(), 31), 'CRC32C is'],
  ['pp2-crc-address-changed', flip(withChecksum(), 16), 'CRC32C is'],
  ['pp2-crc-len3', v2('21', '11', INET + tlv('03', '000000')), 'CRC32C of 3 bytes'],
  [
    'pp2-crc-twice',
    v2('21', '11', INET + tlv('03', '00000000') + tlv('03', '00000000')),
    'more than one CRC32C',
  ],
  ['pp2-authority-256', v2('21', '11', INET + tlv('02', '61'.repeat(256))), 'AUTHORITY of 256'],
  ['pp2-uid-129', v2('21', '11', INET + tlv('05', '61'.repeat(129))), 'UNIQUE_ID of 129'],
  ['pp2-ssl-short', v2('21', '11', INET + tlv('20', '07000000')), 'SSL TLV of 4 bytes'],
  [
    'pp2-ssl-subtlv-overrun',
    v2('21', '11', INET + tlv('20', `0700000000${tlv('21', '54', 9)}`)),
    'in the SSL TLV: TLV SSL_VERSION',
  ],
  ['pp2-ssl-subtlv-stray', v2('21', '11', INET + tlv('20', '070000000021')), 'in the SSL TLV: 1 stray'],
];
