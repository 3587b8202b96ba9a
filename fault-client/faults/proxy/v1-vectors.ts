import type { Fault } from '../fault.ts';
import { type Vector, vectorFault } from './vector.ts';

const accepted = 'a valid header: the connection is served';
const refused = 'no valid header: the connection is refused before TLS';

const served: [id: string, text: string, summary: string][] = [
  ['pp1-tcp4', 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n', 'A valid TCP4 line.'],
  ['pp1-tcp6', 'PROXY TCP6 2001:db8::1 2001:db8::2 54321 443\r\n', 'A valid TCP6 line.'],
  ['pp1-unknown-short', 'PROXY UNKNOWN\r\n', 'The shortest valid line.'],
  [
    'pp1-unknown-long',
    `PROXY UNKNOWN ${'a'.repeat(91)}\r\n`,
    'UNKNOWN with text up to the 107 bytes a line may have.',
  ],
  ['pp1-loopback', 'PROXY TCP4 127.0.0.1 127.0.0.1 54321 443\r\n', 'A source that claims to be loopback.'],
  ['pp1-zero', 'PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n', 'The address 0.0.0.0 and port 0.'],
  [
    'pp1-unknown-addresses',
    'PROXY UNKNOWN 203.0.113.10 192.0.2.10 54321 443\r\n',
    'UNKNOWN with addresses, which are to be ignored.',
  ],
  ['pp1-v4mapped', 'PROXY TCP6 ::ffff:1.2.3.4 ::1 54321 443\r\n', 'TCP6 with an IPv4-mapped address.'],
];

const malformed: [id: string, text: string, summary: string][] = [
  ['pp1-lf-only', 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\n', 'A line ended by LF alone.'],
  ['pp1-cr-only', 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r', 'A line ended by CR alone.'],
  ['pp1-no-proto', 'PROXY \r\n', 'No protocol after the space.'],
  ['pp1-nospace', 'PROXY\r\n', 'The word PROXY alone.'],
  ['pp1-glued', 'PROXYTCP4 203.0.113.10 192.0.2.10 54321 443\r\n', 'No space after PROXY.'],
  ['pp1-junk', 'PROXYjunk 203.0.113.10 192.0.2.10 54321 443\r\n', 'Letters directly after PROXY.'],
  [
    'pp1-bad-proto',
    'PROXY SOMETHING 203.0.113.10 192.0.2.10 54321 443\r\n',
    'A protocol that does not exist.',
  ],
  ['pp1-udp4', 'PROXY UDP4 203.0.113.10 192.0.2.10 54321 443\r\n', 'UDP4, which version 1 does not have.'],
  ['pp1-lowercase', 'PROXY tcp4 203.0.113.10 192.0.2.10 54321 443\r\n', 'The protocol in lower case.'],
  ['pp1-family-mismatch', 'PROXY TCP4 2001:db8::1 2001:db8::2 54321 443\r\n', 'TCP4 with IPv6 addresses.'],
  [
    'pp1-mapped-in-tcp4',
    'PROXY TCP4 ::ffff:203.0.113.10 ::ffff:192.0.2.10 54321 443\r\n',
    'TCP4 with IPv4-mapped IPv6 addresses.',
  ],
  [
    'pp1-v4-in-tcp6',
    'PROXY TCP6 203.0.113.10 192.0.2.10 54321 443\r\n',
    'TCP6 with plain IPv4 addresses, as one server is known to send.',
  ],
  ['pp1-port-underscore', 'PROXY TCP4 203.0.113.10 192.0.2.10 8_0 443\r\n', 'A port with an underscore.'],
  ['pp1-port-plus', 'PROXY TCP4 203.0.113.10 192.0.2.10 +80 443\r\n', 'A port with a sign.'],
  ['pp1-port-zero-lead', 'PROXY TCP4 203.0.113.10 192.0.2.10 080 443\r\n', 'A port with a leading zero.'],
  ['pp1-port-empty', 'PROXY TCP4 203.0.113.10 192.0.2.10  443\r\n', 'No source port between two spaces.'],
  ['pp1-port-65536', 'PROXY TCP4 203.0.113.10 192.0.2.10 65536 443\r\n', 'A port above 65535.'],
  ['pp1-port-negative', 'PROXY TCP4 203.0.113.10 192.0.2.10 -1 443\r\n', 'A negative port.'],
  ['pp1-port-text', 'PROXY TCP4 203.0.113.10 192.0.2.10 BADPORT 443\r\n', 'A port in letters.'],
  ['pp1-octet-lead0', 'PROXY TCP4 01.2.3.4 192.0.2.10 54321 443\r\n', 'An octet with a leading zero.'],
  ['pp1-zone', 'PROXY TCP6 fe80::1%eth0 2001:db8::2 54321 443\r\n', 'An address with a zone.'],
  [
    'pp1-ipv6-9groups',
    'PROXY TCP6 1:2:3:4:5:6:7:8:9 2001:db8::2 54321 443\r\n',
    'An IPv6 address of nine groups.',
  ],
  ['pp1-extra-token', 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443 x\r\n', 'A word after the last port.'],
  ['pp1-double-space', 'PROXY  TCP4 203.0.113.10 192.0.2.10 54321 443\r\n', 'Two spaces after PROXY.'],
  ['pp1-tab', 'PROXY\tTCP4 203.0.113.10 192.0.2.10 54321 443\r\n', 'A tab for a space.'],
  ['pp1-trailing-space', 'PROXY TCP4 203.0.113.10 192.0.2.10 54321 443 \r\n', 'A space before CRLF.'],
  ['pp1-nul', 'PROXY TCP4 203.0.113.10\0 192.0.2.10 54321 443\r\n', 'A NUL in an address.'],
  ['pp1-nonascii', 'PROXY TCP4 203.0.113.\xff 192.0.2.10 54321 443\r\n', 'A byte above 127 in an address.'],
];

const others: Vector[] = [
  {
    id: 'pp1-no-crlf-107',
    bytes: { text: `PROXY UNKNOWN ${'a'.repeat(94)}` },
    after: 'wait',
    summary: '108 bytes without CRLF, then nothing.',
    peerMustSee: 'a line longer than 107 bytes: refused at once, not by a timeout',
  },
  {
    id: 'pp1-prox-only',
    bytes: { text: 'PROX' },
    after: 'wait',
    summary: 'The first four bytes, then nothing.',
    peerMustSee: 'half a header until its own deadline ends the connection',
  },
  {
    id: 'pp1-fin-mid-header',
    bytes: { text: 'PROXY TCP4 203.0' },
    after: 'fin',
    summary: 'Half a line, then FIN.',
    peerMustSee: 'a header cut by the end of the stream',
  },
  {
    id: 'pp-slowloris',
    bytes: { text: 'PROXY TCP4 203.0.113.10 ' },
    after: 'wait',
    bytewise: true,
    summary: 'Half a line byte by byte, then nothing.',
    peerMustSee: 'one deadline for the whole header, not one for each byte',
  },
];

export const v1Faults: Fault[] = [
  ...served.map(([id, text, summary]) => entry(id, text, summary, accepted)),
  ...malformed.map(([id, text, summary]) => entry(id, text, summary, refused)),
  ...others,
].map((vector) => vectorFault(vector, '2.1'));

function entry(id: string, text: string, summary: string, peerMustSee: string): Vector {
  return { id, bytes: { text }, after: 'request', summary, peerMustSee };
}
