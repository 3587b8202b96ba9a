import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { sendProxyHeader } from './connection.ts';
import { crc32c } from './crc32c.ts';
import { proxyHeaderBytes } from './proxy-header.ts';

// Vectors: haproxy's document, and captures of other senders.
test.each([
  [{ version: 'v2' }, '0d0a0d0a000d0a515549540a2111000ccb00710ac000020ad43101bb'],
  [
    { version: 'v2', family: 'TCP6' },
    '0d0a0d0a000d0a515549540a2121002420010db800000000000000000000000120010db8000000000000000000000002d43101bb',
  ],
  [{ version: 'v2', command: 'LOCAL' }, '0d0a0d0a000d0a515549540a20000000'],
  [
    {
      version: 'v2',
      tlvs: [
        { type: 1, value_hex: '6832' },
        { type: 2, value_hex: '6c6f63616c686f7374' },
        { type: 5, value_hex: '7469642d31' },
        { type: 0x30, value_hex: '626c7565' },
        { type: 4, value_hex: '000000' },
      ],
      crc32c: true,
    },
    '0d0a0d0a000d0a515549540a21110039cb00710ac000020ad43101bb01000268320200096c6f63616c686f73740500057469642d31300004626c75650400030000000300048f4d420a',
  ],
  [{ version: 'v1' }, Buffer.from('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n').toString('hex')],
  [{ version: 'v1', family: 'UNKNOWN' }, Buffer.from('PROXY UNKNOWN\r\n').toString('hex')],
  [{ version: 'none' }, ''],
] as const)('%j', (spec, hex) => {
  expect(proxyHeaderBytes(structuredClone(spec) as never).toString('hex')).toBe(hex);
});

test('CRC-32C check value', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('an IPv4-mapped address is written as IPv6', () => {
  const bytes = proxyHeaderBytes({ version: 'v2', src: '[::ffff:1.2.3.4]:1', dst: '[::1]:2' });
  expect(bytes.toString('hex', 16, 32)).toBe('00000000000000000000ffff01020304');
});

/** The kernel's own buffer would join pieces that are read late: this server says of each read when it was made. */
test('pieces leave as segments of their own, each one read before the next is written', async () => {
  const whole = Buffer.from('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n');
  const log: string[] = [];
  const server = net.createServer();
  const seen = Promise.withResolvers<void>();
  server.on('connection', (socket) => {
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      log.push(chunk.toString());
      bytes += chunk.length;
      if (bytes === whole.length) seen.resolve();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = net.connect({ port: (server.address() as net.AddressInfo).port, noDelay: true });
  await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
  await sendProxyHeader(socket, { version: 'v1', split: [1, 6, 15] });
  await seen.promise;
  socket.destroy();
  server.close();
  expect(log).toEqual(['P', 'ROXY ', 'TCP4 203.', whole.toString().slice(15)]);
});
