import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const tlv = fc.record({
  type: fc.constantFrom(0x01, 0x04, 0xe1, 0xea),
  value: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
});

test('a v1 line says its addresses, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      // Longer ones, with an IPv4 address at their end, may make the line longer than the 107 bytes it may have.
      fc.oneof(
        fc.ipV4(),
        fc.ipV6().filter((ip) => ip.length <= 39),
      ),
      port,
      port,
      fc.integer({ min: 1, max: 110 }),
      (ip, from, to, size) => {
        const family = isIPv6(ip) ? 'TCP6' : 'TCP4';
        const line = `PROXY ${family} ${ip} ${ip} ${from} ${to}\r\n`;
        const host = family === 'TCP6' ? `[${ip}]` : ip;
        expect(readIn(Buffer.from(`${line}GET /`), size)).toMatchObject({
          version: 'v1',
          src: `${host}:${from}`,
          dst: `${host}:${to}`,
          bytes: line.length,
        });
      },
    ),
  );
});

test('a v2 header says its addresses and TLVs, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      fc.ipV4(),
      port,
      fc.array(tlv, { maxLength: 4 }),
      fc.integer({ min: 1, max: 60 }),
      (ip, from, tlvs, size) => {
        const address = Buffer.from(ip.split('.').map(Number));
        const ports = Buffer.from([from >> 8, from & 255, 1, 187]);
        const rest = tlvs.flatMap(({ type, value }) => [Buffer.of(type, 0, value.length), value]);
        const body = Buffer.concat([address, address, ports, ...rest]);
        const head = Buffer.from('0d0a0d0a000d0a515549540a21110000', 'hex');
        head.writeUInt16BE(body.length, 14);
        const wire = Buffer.concat([head, body, Buffer.from([0x16, 3, 1])]);
        expect(readIn(wire, size)).toMatchObject({
          version: 'v2',
          src: `${ip}:${from}`,
          dst: `${ip}:443`,
          tlvs: tlvs.map(({ type, value }) => ({ type, value_hex: value.toString('hex') })),
          bytes: wire.length - 3,
          error: null,
        });
      },
    ),
  );
});

test('any bytes in any pieces: an answer at the end, never a throw', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((more) => Buffer.concat([Buffer.from('PROXY '), more])),
    fc
      .uint8Array({ maxLength: 60 })
      .map((more) => Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a21', 'hex'), more])),
  );
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 20 }), (start, size) => {
      const { bytes: _, ...whole } = readIn(Buffer.from(start), start.length + 1);
      expect(readIn(Buffer.from(start), size)).toMatchObject(whole);
    }),
    { numRuns: 500 },
  );
});

function readIn(wire: Buffer, size: number): ProxyHeader {
  for (let end = size; end < wire.length; end += size) {
    const header = readProxyHeader(wire.subarray(0, end), false);
    if (header !== null) return header;
  }
  return readProxyHeader(wire, false) ?? readProxyHeader(wire, true)!;
}
