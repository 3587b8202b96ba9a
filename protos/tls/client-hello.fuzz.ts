import { atMost, type FuzzTarget, holds, only, type Step } from '../testing/fuzz-target.ts';
import { clientHello } from '../tls13/client-hello.ts';
import type { KeyShare } from '../tls13/key-exchange.ts';
import { createClientHelloCollector } from './client-hello-collector.ts';
import { fingerprintClientHello } from './fingerprints.ts';
import { sniffNotTls } from './not-tls.ts';

const maxBytes = 4096;

export const targets: FuzzTarget[] = [
  {
    name: 'client-hello',
    about: 'the ClientHello of a stream, with its JA3 and JA4',
    grammar: 'lengths',
    sides: ['client'],
    share: 2,
    cuts: true,
    // Until it is known what they are, the first bytes are joined for each piece: 32 at most.
    copiedBytes: (bytes) => 128 * bytes + 8 * maxBytes + 65_536,
    seeds,
    run(steps) {
      const collector = createClientHelloCollector(maxBytes);
      let result = collector.push(Buffer.alloc(0));
      let pushed = 0;
      for (const { bytes } of steps) {
        const before = result;
        result = collector.push(bytes);
        pushed += bytes.length;
        holds(before.state === 'more' || result === before, 'a result once given stays');
        if (result.state === 'more') atMost('bytes without a result', pushed, maxBytes);
      }
      if (result.state !== 'done') return result;
      const { hello } = result;
      atMost('ciphers', hello.ciphers.length, pushed / 2);
      atMost('extensions', hello.extensions.length, pushed / 4);
      const fingerprints = fingerprintClientHello(hello);
      holds(
        /^t(?:\d\d|s[23]|d[123])[di]\d{4}.._[0-9a-f]{12}_[0-9a-f]{12}$/s.test(fingerprints.ja4!),
        'JA4 has its form',
      );
      holds(/^[0-9a-f]{32}$/.test(fingerprints.ja3!), 'JA3 is an MD5');
      return { ...result, fingerprints };
    },
  },
  {
    name: 'first-bytes',
    about: 'what a stream is that may not be TLS',
    grammar: 'bytes',
    sides: ['client'],
    cuts: false,
    words: ['GET ', 'PRI * HTTP/2.0\r\n', 'PROXY '],
    seeds: () => [
      only('GET / HTTP/1.1\r\n\r\n'),
      only('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      only('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'),
      only(Buffer.from('0d0a0d0a000d0a515549540a2111', 'hex')),
      only(Buffer.from('802e0103010015', 'hex')),
      only(Buffer.from('160301', 'hex')),
    ],
    run(steps) {
      const whole = Buffer.concat(Array.from(steps, ({ bytes }) => bytes));
      let decided: string | null = null;
      for (let length = 0; length <= Math.min(whole.length, 64); length++) {
        const sniffed = sniffNotTls(whole.subarray(0, length));
        if (decided !== null) holds(sniffed === decided, 'what was decided stays');
        else if (sniffed !== 'undecided') decided = sniffed;
        else atMost('bytes undecided', length, 31);
      }
      return decided;
    },
  },
];

function seeds(): Step[][] {
  const random = Buffer.alloc(32, 7);
  const share: KeyShare = { group: 'x25519', publicBytes: Buffer.alloc(32, 9), agree: () => Buffer.alloc(0) };
  const hellos = [
    clientHello({ version: 'TLSv1.3', shares: [share], random, sessionId: random, servername: 'a.test' }),
    clientHello({
      version: 'TLSv1.3',
      shares: [share],
      random,
      sessionId: Buffer.alloc(0),
      alpn: ['h2', 'http/1.1'],
      grease: true,
      paddingBytes: 40,
    }),
    clientHello({ version: 'TLSv1.2', shares: [share], random, sessionId: random, alpn: ['h2'] }),
    clientHello({ version: 'TLSv1.3', shares: [], random, sessionId: random, noKnownGroup: true }).subarray(
      0,
      600,
    ),
  ];
  return [
    ...hellos.map((hello) => only(record(hello))),
    // In two records, the first of one byte.
    only(Buffer.concat([record(hellos[0]!.subarray(0, 1)), record(hellos[0]!.subarray(1))])),
    only(Buffer.concat([record(hellos[2]!), record(Buffer.of(1))])),
    only(Buffer.from('802e010301001500000010', 'hex')),
    only('GET / HTTP/1.1\r\n\r\n'),
  ];
}

function record(content: Buffer): Buffer {
  const head = Buffer.from('1603010000', 'hex');
  head.writeUInt16BE(content.length, 3);
  return Buffer.concat([head, content]);
}
