import net from 'node:net';
import type { ProxyHeaderSpec } from '../../protos/control/fault-client.ts';
import { RunError } from '../run/run-error.ts';
import { crc32c } from './crc32c.ts';
import { parseTarget } from './open-socket.ts';

/** The PROXY header byte for byte (haproxy doc/proxy-protocol.txt 2.1 and 2.2); empty for `none`. */
export function proxyHeaderBytes(spec: ProxyHeaderSpec): Buffer {
  if (spec.raw_hex !== undefined) return hexBytes(spec.raw_hex, 'raw_hex');
  switch (spec.version) {
    case 'none':
      return Buffer.alloc(0);
    case 'malformed':
      // What the original client sends for "malformed": a v1 line whose port is no number.
      return Buffer.from('PROXY TCP4 203.0.113.10 192.0.2.10 BADPORT 443\r\n', 'latin1');
    case 'v1':
      return v1(spec);
    case 'v2':
      return v2(spec);
  }
}

export const v2Signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** Strict hexadecimal: Buffer.from would stop silently at the first wrong digit. */
export function hexBytes(hex: string, what: string): Buffer {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex))
    throw new RunError('proxy_header', 'BAD_HEX', `${what}: not hexadecimal`);
  return Buffer.from(hex, 'hex');
}

type Endpoint = { host: string; port: number };

function v1(spec: ProxyHeaderSpec): Buffer {
  const [src, dst] = endpoints(spec);
  const family = spec.family ?? (net.isIPv6(src.host) ? 'TCP6' : 'TCP4');
  if (family === 'UNKNOWN' || family === 'UNSPEC') return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  return Buffer.from(`PROXY ${family} ${src.host} ${dst.host} ${src.port} ${dst.port}\r\n`, 'latin1');
}

function v2(spec: ProxyHeaderSpec): Buffer {
  const [src, dst] = endpoints(spec);
  const local = spec.command === 'LOCAL';
  const family = spec.family ?? (local ? 'UNSPEC' : net.isIPv6(src.host) ? 'TCP6' : 'TCP4');
  const addresses = family === 'TCP4' || family === 'TCP6' ? v2Addresses(src, dst, family) : Buffer.alloc(0);
  const familyByte = family === 'TCP4' ? 0x11 : family === 'TCP6' ? 0x21 : 0x00;
  const tlvs = (spec.tlvs ?? []).map((tlv) => v2Tlv(tlv.type, hexBytes(tlv.value_hex, `TLV ${tlv.type}`)));
  if (spec.crc32c) tlvs.push(v2Tlv(0x03, Buffer.alloc(4)));
  const body = Buffer.concat([addresses, ...tlvs]);
  if (body.length > 0xffff) throw new RunError('proxy_header', 'TOO_LONG', 'a v2 header holds 65535 bytes');
  const head = Buffer.from([local ? 0x20 : 0x21, familyByte, body.length >> 8, body.length & 0xff]);
  const header = Buffer.concat([v2Signature, head, body]);
  // The checksum covers the whole header with its own field zero, and its TLV is the last one.
  if (spec.crc32c) header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}

export function v2Tlv(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]);
}

export function v2Addresses(src: Endpoint, dst: Endpoint, family: 'TCP4' | 'TCP6'): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(src.port, 0);
  ports.writeUInt16BE(dst.port, 2);
  const bytes = family === 'TCP4' ? ipv4Bytes : ipv6Bytes;
  return Buffer.concat([bytes(src.host), bytes(dst.host), ports]);
}

function endpoints(spec: ProxyHeaderSpec): [Endpoint, Endpoint] {
  const six = spec.family === 'TCP6';
  return [
    parseTarget(spec.src ?? (six ? '[2001:db8::1]:54321' : '203.0.113.10:54321')),
    parseTarget(spec.dst ?? (six ? '[2001:db8::2]:443' : '192.0.2.10:443')),
  ];
}

function ipv4Bytes(address: string): Buffer {
  if (!net.isIPv4(address)) throw new RunError('proxy_header', 'BAD_ADDRESS', `${address} is not IPv4`);
  return Buffer.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Buffer {
  if (!net.isIPv6(address)) throw new RunError('proxy_header', 'BAD_ADDRESS', `${address} is not IPv6`);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const four = dotted ? ipv4Bytes(dotted[2]!) : null;
  const text = four ? `${dotted![1]}${four.toString('hex', 0, 2)}:${four.toString('hex', 2)}` : address;
  const [left = '', right] = text.split('::');
  const head = left.split(':').filter(Boolean);
  const tail = (right ?? '').split(':').filter(Boolean);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
