import {
  authorityMaxBytes,
  sslFixedBytes,
  tlvTypes,
  uniqueIdMaxBytes,
} from '../../protos/proxy-protocol/constants.ts';
import { crc32c } from '../../protos/proxy-protocol/crc32c.ts';
import { tlvName } from '../../protos/proxy-protocol/tlv-names.ts';
import type { ProxyTlv } from './header.ts';

type Found = { type: number; value: Buffer; offset: number };

/** The TLVs of a v2 header from `offset` to its end, or in what way they break the format. */
export function parseTlvs(
  raw: Buffer,
  offset: number,
): { tlvs: ProxyTlv[]; error: null } | { tlvs: null; error: string } {
  const found = split(raw, offset);
  if (typeof found === 'string') return { tlvs: null, error: found };
  const error = found.map(valueFault).find((fault) => fault !== null) ?? checksumFault(raw, found);
  if (error !== null) return { tlvs: null, error };
  const tlvs = found.map(({ type, value }) => ({
    type,
    name: tlvName(type),
    valueHex: value.toString('hex'),
  }));
  return { tlvs, error: null };
}

function split(raw: Buffer, offset: number): Found[] | string {
  const found: Found[] = [];
  let at = offset;
  while (at < raw.length) {
    if (raw.length - at < 3) return `${raw.length - at} stray bytes where a TLV starts`;
    const type = raw[at]!;
    const length = raw.readUInt16BE(at + 1);
    if (length > raw.length - at - 3)
      return `TLV ${tlvName(type)} of ${length} bytes runs over the end of the header`;
    found.push({ type, value: raw.subarray(at + 3, at + 3 + length), offset: at + 3 });
    at += 3 + length;
  }
  return found;
}

function valueFault({ type, value }: Found): string | null {
  if (type === tlvTypes.authority && value.length > authorityMaxBytes) {
    return `AUTHORITY of ${value.length} bytes, ${authorityMaxBytes} at most`;
  }
  if (type === tlvTypes.uniqueId && value.length > uniqueIdMaxBytes) {
    return `UNIQUE_ID of ${value.length} bytes, ${uniqueIdMaxBytes} at most`;
  }
  if (type !== tlvTypes.ssl) return null;
  if (value.length < sslFixedBytes) return `SSL TLV of ${value.length} bytes, ${sslFixedBytes} at least`;
  const inner = split(value, sslFixedBytes);
  return typeof inner === 'string' ? `in the SSL TLV: ${inner}` : null;
}

/** Section 2.2.3: over the whole header with the four bytes of the checksum as zeros. */
function checksumFault(raw: Buffer, found: Found[]): string | null {
  const sums = found.filter(({ type }) => type === tlvTypes.crc32c);
  const sum = sums[0];
  if (sum === undefined) return null;
  if (sums.length > 1) return 'more than one CRC32C';
  if (sum.value.length !== 4) return `CRC32C of ${sum.value.length} bytes, not 4`;
  const computed = crc32c(raw.subarray(0, sum.offset), Buffer.alloc(4), raw.subarray(sum.offset + 4));
  return computed === sum.value.readUInt32BE(0)
    ? null
    : `CRC32C is ${sum.value.toString('hex')}, the header's is ${computed.toString(16).padStart(8, '0')}`;
}
