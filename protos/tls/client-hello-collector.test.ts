import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import fc from 'fast-check';
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello';
import { describe, expect, it } from 'vitest';
import type { ClientHello } from './client-hello.ts';
import { type CollectorResult, createClientHelloCollector } from './client-hello-collector.ts';
import { fingerprintClientHello } from './fingerprints.ts';

function collect(chunks: Iterable<Buffer>, maxBytes?: number): CollectorResult {
  const collector = createClientHelloCollector(maxBytes);
  let result: CollectorResult = { state: 'more' };
  for (const chunk of chunks) result = collector.push(chunk);
  return result;
}

function hello(...chunks: Buffer[]): ClientHello {
  const result = collect(chunks);
  if (result.state !== 'done') throw new Error(JSON.stringify(result));
  return result.hello;
}

function* split(bytes: Buffer, sizes: number[]): Generator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    if (at < bytes.length) yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

const nodeClients: [string, ConnectionOptions][] = [
  ['defaults', {}],
  ['SNI and ALPN', { servername: 'a.example.test', ALPNProtocols: ['h2', 'http/1.1'] }],
  ['TLS 1.2 only', { servername: 'b.test', maxVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }],
  ['TLS 1.3 only', { servername: 'c.test', minVersion: 'TLSv1.3' }],
  [
    'few ciphers and groups',
    { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' },
  ],
  ['odd ALPN', { ALPNProtocols: ['x', 'http/1.1'] }],
  [
    'a hello of several kilobytes',
    { ALPNProtocols: Array.from({ length: 60 }, (_, i) => `${'p'.repeat(100)}${i}`) },
  ],
];

describe('hellos of real clients', () => {
  it.each(nodeClients)('node:tls, %s: as read-tls-client-hello says', async (_name, options) => {
    await matchesOracle(await nodeHello(options));
  });

  it('node:tls: what was asked for is what is read', async () => {
    const read = hello(await nodeHello({ servername: 'a.example.test', ALPNProtocols: ['h2', 'http/1.1'] }));
    expect(read).toMatchObject({
      legacyVersion: 0x0303,
      supportedVersions: [0x0304, 0x0303],
      sni: 'a.example.test',
      alpn: ['h2', 'http/1.1'],
      compressionMethods: [0],
      malformedExtensions: [],
      echLength: null,
    });
  });

  const openssl = hasOpenssl();
  it.skipIf(!openssl).each([
    ['defaults', []],
    ['SNI and ALPN', ['-servername', 'x.test', '-alpn', 'h2']],
    ['no SNI, TLS 1.2', ['-noservername', '-tls1_2']],
    ['TLS 1.3 with one group', ['-tls1_3', '-groups', 'P-256']],
  ])(`openssl s_client, %s${openssl ? '' : ' (skipped: no openssl on PATH)'}`, async (_name, args) => {
    await matchesOracle(await opensslHello(...args));
  });

  async function matchesOracle(flight: Buffer): Promise<void> {
    const stream = new PassThrough();
    stream.write(flight);
    const oracle = await readTlsClientHello(stream);
    const read = hello(flight);
    const prints = fingerprintClientHello(read);
    expect(prints.ja3).toBe(calculateJa3(oracle));
    expect(prints.ja4).toBe(calculateJa4(oracle));
    expect(read.ciphers).toEqual(oracle.cipherSuites);
    expect(read.extensions).toEqual(oracle.extensions.map(({ id }) => id));
    expect(read.legacyVersion).toBe(oracle.version);
    const sni = oracle.extensions.find(({ id }) => id === 0)?.data as { serverName: string } | undefined;
    expect(read.sni).toBe(sni?.serverName ?? null);
  }
});

describe('any way a hello may be cut', () => {
  it('records and chunks of any size give the same hello', async () => {
    const flight = await nodeHello({ servername: 'a.test', ALPNProtocols: ['h2'] });
    const expected = hello(flight);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 40 }),
        (recordBytes, sizes) => {
          expect(hello(...split(inRecords(handshakeOf(flight), recordBytes), sizes))).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
    const everyByte = (bytes: Buffer) => [...split(bytes, Array(bytes.length).fill(1))];
    expect(hello(...everyByte(flight))).toEqual(expected);
    expect(hello(...everyByte(inRecords(handshakeOf(flight), 1)))).toEqual(expected);
  });

  it('what follows the hello does not matter, in the same chunk or later', async () => {
    const flight = await nodeHello({});
    const expected = hello(flight);
    expect(hello(Buffer.concat([flight, flight]))).toEqual(expected);
    expect(hello(flight, Buffer.from('garbage'))).toEqual(expected);
  });

  it('a hello that is not whole yet asks for more', async () => {
    const flight = await nodeHello({});
    for (const length of [0, 1, 5, 6, 9, 100, flight.length - 1]) {
      expect(collect([flight.subarray(0, length)])).toEqual({ state: 'more' });
    }
  });
});

describe('bounds', () => {
  it('a hello over the limit is refused at its length field', () => {
    const start = Buffer.from('16030100040100ffff', 'hex');
    expect(collect([start], 60000)).toMatchObject({
      state: 'bad',
      error: expect.stringContaining('65539 bytes'),
    });
    expect(collect([start])).toEqual({ state: 'more' });
  });

  it('tiny records cannot carry more than the limit', async () => {
    const flight = inRecords(handshakeOf(await nodeHello({})), 1);
    expect(collect([flight.subarray(0, -6)], 1000)).toMatchObject({
      state: 'bad',
      error: expect.stringContaining('1000'),
    });
  });

  it('64 KiB over several records is read', async () => {
    const padded = withExtensions(handshakeOf(await nodeHello({})), extension(21, Buffer.alloc(60000)));
    expect(hello(inRecords(padded, 16384)).extensions.at(-1)).toBe(21);
  });
});

describe('what is not TLS', () => {
  it.each([
    ['GET / HTTP/1.1\r\n', 'http_request'],
    ['POST /x HTTP/1.1\r\n', 'http_request'],
    ['CONNECT a:443 HTTP/1.1\r\n', 'http_request'],
    ['PATCH / HTTP/1.1\r\n', 'http_request'],
    ['M-SEARCH * HTTP/1.1\r\n', 'http_request'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2_preface'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'proxy_header'],
    ['\r\n\r\n\0\r\nQUIT\n\x21\x11', 'proxy_header'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'other'],
    ['\0\0\0\x08', 'other'],
    ['\x16\x02\x00\x00', 'other'],
    ['get / http/1.1', 'other'],
    ['A'.repeat(64), 'other'],
  ])('%j looks like %s', (start, looksLike) => {
    const bytes = Buffer.from(start, 'latin1');
    expect(collect([bytes])).toEqual({ state: 'not_tls', looksLike });
    expect(collect(split(bytes, Array(bytes.length).fill(1)))).toEqual({ state: 'not_tls', looksLike });
  });

  it.each([
    ['an alert first', '15030300020230', 'record of type 21'],
    ['application data first', '170303000100', 'record of type 23'],
    ['another handshake message', '1603010004040000000000', 'type 4, not ClientHello'],
    ['an empty record', '1603010000', 'empty handshake record'],
    ['a record that is too long', '160301ffff01', 'a record of 65535 bytes'],
    ['an SSL 2.0 hello', '802e0100020015', 'SSL 2.0'],
    ['a hello without a body', '160300000401000000', 'runs over the end'],
    ['a change of record type inside the hello', '16030100020100150303000100', 'record of type 21'],
  ])('%s is bad', (_name, bytes, error) => {
    const whole = Buffer.from(bytes, 'hex');
    const result = collect([whole]);
    expect(result).toMatchObject({ state: 'bad', error: expect.stringContaining(error) });
    expect(collect(split(whole, Array(whole.length).fill(1)))).toEqual(result);
  });

  it('any bytes give a result and never throw', () => {
    const start = fc.constantFrom('', '160301', '1603010100010000fc0303', '16030100ff010000fb0303');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 400 }), (prefix, bytes) => {
        const whole = Buffer.concat([Buffer.from(prefix, 'hex'), bytes]);
        const result = collect([whole]);
        expect(['more', 'done', 'not_tls', 'bad']).toContain(result.state);
        if (whole.length >= 32 && whole[0] !== 22) expect(result.state).not.toBe('more');
      }),
      { numRuns: 1000 },
    );
  });

  it('a hello with any byte changed never throws', async () => {
    const flight = await nodeHello({ servername: 'a.test', ALPNProtocols: ['h2'] });
    fc.assert(
      fc.property(fc.nat(flight.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(flight);
        changed[at] = value;
        const result = collect([changed]);
        if (result.state === 'done') fingerprintClientHello(result.hello);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('extensions', () => {
  it('tells ECH with its length, ESNI, and GREASE as sent', async () => {
    const base = handshakeOf(await nodeHello({}));
    const read = hello(
      inRecords(
        withExtensions(
          base,
          Buffer.concat([
            extension(0xfe0d, Buffer.alloc(250)),
            extension(0xffce, Buffer.alloc(3)),
            extension(0x1a1a, Buffer.alloc(0)),
          ]),
        ),
        16384,
      ),
    );
    expect(read).toMatchObject({ echLength: 250, esniLegacy: true });
    expect(read.extensions.slice(-3)).toEqual([0xfe0d, 0xffce, 0x1a1a]);
  });

  it('lists an extension whose content is broken and reads the rest', async () => {
    const base = handshakeOf(await nodeHello({}));
    const broken = Buffer.concat([
      extension(16, Buffer.from('000502683200', 'hex')),
      extension(0, Buffer.from('00', 'hex')),
    ]);
    const read = hello(inRecords(withExtensions(base, broken), 16384));
    expect(read.malformedExtensions).toEqual([16, 0]);
    expect(read).toMatchObject({ alpn: [], sni: null });
    expect(read.ciphers.length).toBeGreaterThan(3);
  });

  it('keeps ALPN names of any bytes', async () => {
    const base = handshakeOf(await nodeHello({}));
    const read = hello(
      inRecords(withExtensions(base, extension(16, Buffer.from('000302baad', 'hex'))), 16384),
    );
    expect(read.alpn).toEqual(['\xba\xad']);
  });
});

function extension(id: number, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(data.length, 2);
  return Buffer.concat([header, data]);
}

/** The hello with more extensions at its end, every length put right. */
function withExtensions(handshake: Buffer, more: Buffer): Buffer {
  let at = 4 + 2 + 32;
  at += 1 + handshake[at]!;
  at += 2 + handshake.readUInt16BE(at);
  at += 1 + handshake[at]!;
  const longer = Buffer.concat([handshake, more]);
  longer.writeUInt16BE(handshake.readUInt16BE(at) + more.length, at);
  longer.writeUIntBE(longer.length - 4, 1, 3);
  return longer;
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The bytes a client writes before it gets an answer. */
async function captureFirstFlight(dial: (port: number) => void): Promise<Buffer> {
  const server = createServer();
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    server.on('connection', (socket) => {
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 5 || received.length < 5 + received.readUInt16BE(3)) return;
        socket.destroy();
        resolve(received);
      });
    });
    server.listen(0, '127.0.0.1', () => dial((server.address() as { port: number }).port));
  });
  server.close();
  return bytes;
}

/** The ClientHello of Node's own TLS client. */
function nodeHello(options: ConnectionOptions): Promise<Buffer> {
  return captureFirstFlight((port) => {
    const socket = connect({ ...options, host: '127.0.0.1', port });
    // The capture ends the connection in the middle of the handshake.
    socket.on('error', () => socket.destroy());
  });
}

/** The ClientHello of `openssl s_client` with these arguments. */
function opensslHello(...args: string[]): Promise<Buffer> {
  return captureFirstFlight((port) => {
    const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], () => {});
    child.stdin?.end();
  });
}

/** The handshake message of a first flight that is one record. */
function handshakeOf(flight: Buffer): Buffer {
  return flight.subarray(5, 5 + flight.readUInt16BE(3));
}

/** The message in records of `size` bytes. */
function inRecords(handshake: Buffer, size: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < handshake.length; at += size) {
    const fragment = handshake.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 255]), fragment);
  }
  return Buffer.concat(records);
}
