import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const v2 = (hex: string) => Buffer.from(`0d0a0d0a000d0a515549540a${hex}`, 'hex');
const text = (line: string) => Buffer.from(line, 'latin1');
const source = { src: '203.0.113.10:54321', dst: '192.0.2.10:443' };

/** Vectors of the specification and of AWS, each followed by bytes that belong to the protocol. */
const valid: [name: string, header: Buffer, expected: object][] = [
  ['v1 TCP4', text('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n'), { version: 'v1', ...source }],
  [
    'v1 TCP6',
    text('PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n'),
    { version: 'v1', src: '[2001:db8::1]:1' },
  ],
  ['v1 UNKNOWN', text('PROXY UNKNOWN\r\n'), { version: 'v1', src: null }],
  ['v1 UNKNOWN with text', text('PROXY UNKNOWN what ever\r\n'), { version: 'v1', src: null }],
  [
    'v2 TCP4',
    v2('2111000ccb00710ac000020ad43101bb'),
    { version: 'v2', command: 'PROXY', ...source, tlvs: [] },
  ],
  [
    'v2 TCP6',
    v2('2121002420010db800000000000000000000000120010db8000000000000000000000002d43101bb'),
    { version: 'v2', src: '[2001:db8::1]:54321', dst: '[2001:db8::2]:443' },
  ],
  ['v2 LOCAL', v2('20000000'), { version: 'v2', command: 'LOCAL', src: null }],
  [
    'v2 TCP4 of an AWS load balancer',
    v2(
      `21110054ac1f0771ac1f0a1fc8f20050030004e8d6892dea001701767063652d3038643262663135666163353030316339040024${'00'.repeat(36)}`,
    ),
    { src: '172.31.7.113:51442', dst: '172.31.10.31:80' },
  ],
  [
    'v2 LOCAL with addresses',
    v2('2011000ccb00710ac000020ad43101bb'),
    { command: 'LOCAL', src: null, dst: null, tlvs: [] },
  ],
  ['v2 UNSPEC', v2('21000000'), { command: 'PROXY', src: null }],
  ['v2 UNIX', v2(`213100d8${'61'.repeat(216)}`), { command: 'PROXY', src: null }],
  ['v2 UDP4', v2('2112000ccb00710ac000020ad43101bb'), source],
  [
    'v2 of values that only their senders know',
    v2('2111001acb00710ac000020ad43101bb' + 'ee0003020101' + 'ea000501767063ff'),
    {
      tlvs: [
        { type: 0xee, value_hex: '020101' },
        { type: 0xea, value_hex: '01767063ff' },
      ],
    },
  ],
  [
    'v2 with TLVs',
    v2(
      '21110039cb00710ac000020ad43101bb01000268320200096c6f63616c686f73740500057469642d31300004626c75650400030000000300048f4d420a',
    ),
    {
      ...source,
      tlvs: [
        { type: 1, value_hex: '6832' },
        { type: 2, value_hex: '6c6f63616c686f7374' },
        { type: 5, value_hex: '7469642d31' },
        { type: 0x30, value_hex: '626c7565' },
        { type: 4, value_hex: '000000' },
        { type: 3, value_hex: '8f4d420a' },
      ],
    },
  ],
];

const invalid: [name: string, header: Buffer][] = [
  ['v1 without CRLF in 107 bytes', text(`PROXY UNKNOWN ${'a'.repeat(94)}`)],
  ['v1 without a space', text('PROXY\r\n')],
  ['v1 glued', text('PROXYTCP4 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 junk behind the word', text('PROXYjunk 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 no protocol', text('PROXY \r\n')],
  ['v1 LF alone', text('PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n')],
  ['v1 LF alone, later CRLF', text('PROXY UNKNOWN a\nb\r\n')],
  ['v1 CR alone', text('PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rx')],
  ['v1 CR alone, later CRLF', text('PROXY TCP4 1.2.3.4\r 1.2.3.4 1 2\r\n')],
  ['v1 UDP4', text('PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 lower case', text('PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 mapped address in TCP4', text('PROXY TCP4 ::ffff:1.2.3.4 ::ffff:1.2.3.4 1 2\r\n')],
  ['v1 IPv4 in TCP6', text('PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 port with a sign', text('PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n')],
  ['v1 negative port', text('PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n')],
  ['v1 port with an underscore', text('PROXY TCP4 1.2.3.4 1.2.3.4 8_0 2\r\n')],
  ['v1 port in letters', text('PROXY TCP4 1.2.3.4 1.2.3.4 BADPORT 2\r\n')],
  ['v1 no port', text('PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n')],
  ['v1 zone', text('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n')],
  ['v1 nine groups', text('PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n')],
  ['v1 a word too many', text('PROXY TCP4 1.2.3.4 1.2.3.4 1 2 x\r\n')],
  ['v1 a space too many', text('PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n')],
  ['v1 tab', text('PROXY\tTCP4 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 NUL', text('PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n')],
  ['v1 byte above 127', text('PROXY TCP4 1.2.3.\xff 1.2.3.4 1 2\r\n')],
  ['v2 transport 3', v2('2113000ccb00710ac000020ad43101bb')],
  ['v2 LOCAL of family 4', v2('2041000ccb00710ac000020ad43101bb')],
  ['v2 LOCAL of transport 3', v2('2013000ccb00710ac000020ad43101bb')],
  ['v2 IPv6 in twelve bytes', v2('2121000ccb00710ac000020ad43101bb')],
  ['v2 65535 bytes announced', v2('2111ffffcb00710ac000020ad43101bb')],
  ['v2 TLV without a whole length', v2('2111000ecb00710ac000020ad43101bb0400')],
  [
    'v2 CRC32c with one bit flipped',
    v2(
      '21110039cb00710ac000020ad43101bb01000268320200096c6f63616c686f73740500057469642d31300004626c75650400030000000300048f4d420b',
    ),
  ],
  ['v2 CRC32c of three bytes', v2('21110012cb00710ac000020ad43101bb030003000000')],
  ['v2 two CRC32c', v2('2111001acb00710ac000020ad43101bb0300040000000003000400000000')],
  ['v2 authority of 256 bytes', v2(`2111010fcb00710ac000020ad43101bb020100${'61'.repeat(256)}`)],
  ['v2 unique id of 129 bytes', v2(`21110090cb00710ac000020ad43101bb050081${'61'.repeat(129)}`)],
  ['v2 SSL of four bytes', v2('21110013cb00710ac000020ad43101bb20000401000000')],
  ['v2 TLV in SSL beyond its end', v2('21110017cb00710ac000020ad43101bb2000080100000000210009')],
  ['v1 bad family', text('PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 port with a leading zero', text('PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n')],
  ['v1 port too large', text('PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n')],
  ['v1 octet with a leading zero', text('PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 two spaces', text('PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n')],
  ['v1 IPv6 in TCP4', text('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['v2 version 1', v2('1111000ccb00710ac000020ad43101bb')],
  ['v2 command 2', v2('2211000ccb00710ac000020ad43101bb')],
  ['v2 family 4', v2('2141000ccb00710ac000020ad43101bb')],
  ['v2 shorter than its addresses', v2('21110004cb00710a')],
  ['v2 TLV longer than the header', v2('21110010cb00710ac000020ad43101bb01000568')],
  ['v2 stray byte after the TLVs', v2('2111000dcb00710ac000020ad43101bb01')],
];

describe('the PROXY header as the upstream reads it', () => {
  it.each(valid)('%s, over any cut', (_name, header, expected) => {
    const stream = Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\n')]);
    for (let length = 1; length < header.length; length++) {
      expect(readProxyHeader(stream.subarray(0, length), false), `after ${length} bytes`).toBeNull();
    }
    expect(readProxyHeader(stream, false)).toMatchObject({ ...expected, bytes: header.length, error: null });
  });

  it.each(invalid)('%s is invalid', (_name, header) => {
    expect(readProxyHeader(header, false)).toMatchObject({ version: 'invalid', error: expect.any(String) });
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1',
    'PRI * HTTP/2.0',
    'PROPFIND / ',
    '\r\nGET /',
    '\x16\x03\x01',
  ])('%j has none', (start) => {
    expect(readProxyHeader(text(start), false)).toMatchObject({ version: 'none', bytes: 0 });
  });

  it('a stream that ends inside a header had a broken one, or none', () => {
    expect(readProxyHeader(text('PROXY TCP4 1.2'), true)).toMatchObject({ version: 'invalid' });
    expect(readProxyHeader(text('PRO'), true)).toMatchObject({ version: 'none' });
    expect(readProxyHeader(v2('2111000ccb'), true)).toMatchObject({ version: 'invalid' });
  });
});
