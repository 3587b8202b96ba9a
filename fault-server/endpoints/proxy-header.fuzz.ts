import { atMost, type FuzzTarget, holds, only } from '../../protos/testing/fuzz-target.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

const signature = '0d0a0d0a000d0a515549540a';

export const targets: FuzzTarget[] = [
  {
    name: 'proxy-header-seen',
    about: 'the PROXY header as the fault-server witnesses it',
    grammar: 'lengths',
    sides: ['proxy'],
    cuts: true,
    words: ['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', '127.0.0.1', '::1', '65536', '0443', '\r\n', '\r', '\n'],
    copiedBytes: (bytes) => (64 + 3 * 4112) * bytes + 65_536,
    seeds: () => [
      only('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\nGET'),
      only('PROXY TCP6 2001:db8::1 ::1 1 65535\r\n'),
      only('PROXY UNKNOWN a b\r\n'),
      only(Buffer.from(`${signature}2111000ccb00710ac000020ad43101bb474554`, 'hex')),
      only(Buffer.from(`${signature}2000${'0000'}`, 'hex')),
      only(Buffer.from(`${signature}21110017cb00710ac000020ad43101bb0400010041${'0200036162'}63`, 'hex')),
      only(Buffer.from(`${signature}21210024${'20010db8'.repeat(8)}d43101bb`, 'hex')),
    ],
    run(steps) {
      let start = Buffer.alloc(0);
      let seen: ProxyHeader | null = null;
      for (const { bytes } of steps) {
        start = Buffer.concat([start, bytes]);
        if (seen !== null) continue;
        seen = readProxyHeader(start, false);
        if (seen === null) atMost('bytes undecided', start.length, 4111);
        else atMost('bytes of the header', seen.bytes, start.length);
      }
      const ended = seen === null;
      seen ??= readProxyHeader(start, true);
      holds(seen !== null, 'the end of the stream decides');
      const header = seen!;
      if (header.tlvs.length > 0) {
        const inTlvs = header.tlvs.reduce((sum, { value_hex }) => sum + 3 + value_hex.length / 2, 0);
        holds([16, 28, 52, 232].includes(header.bytes - inTlvs), 'TLVs fill the header');
      }
      // Of what is no header as many bytes are counted as had come.
      return { ...header, bytes: header.version === 'invalid' ? null : header.bytes, ended };
    },
  },
];
