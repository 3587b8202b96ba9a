import { createByteReader } from './byte-reader.ts';

const HOST_NAME = 0;

/** host_name of a server_name extension (RFC 6066 3); null when the format is broken or no host_name is there. */
export function parseServerName(data: Buffer): string | null {
  const outer = createByteReader(data);
  const list = createByteReader(outer.bytes(outer.u16()));
  if (outer.failed || outer.remaining > 0) return null;
  while (list.remaining > 0) {
    const type = list.u8();
    const name = list.bytes(list.u16());
    if (list.failed) return null;
    if (type === HOST_NAME) return name.toString('latin1');
  }
  return null;
}

/** Protocol names of an ALPN extension (RFC 7301 3.1) as latin1; null when the format is broken. */
export function parseAlpn(data: Buffer): string[] | null {
  const outer = createByteReader(data);
  const list = createByteReader(outer.bytes(outer.u16()));
  if (outer.failed || outer.remaining > 0) return null;
  const names: string[] = [];
  while (list.remaining > 0) {
    const name = list.bytes(list.u8());
    if (list.failed) return null;
    names.push(name.toString('latin1'));
  }
  return names;
}

/** A vector of 16-bit values behind a length of `prefixBytes`; null when the format is broken. */
export function parseU16List(data: Buffer, prefixBytes: 1 | 2): number[] | null {
  const outer = createByteReader(data);
  const length = prefixBytes === 1 ? outer.u8() : outer.u16();
  const list = outer.bytes(length);
  if (outer.failed || outer.remaining > 0 || length % 2 !== 0) return null;
  const values: number[] = [];
  for (let at = 0; at < list.length; at += 2) values.push(list.readUInt16BE(at));
  return values;
}

/** A vector of bytes behind a length of one byte; null when the format is broken. */
export function parseU8List(data: Buffer): number[] | null {
  const outer = createByteReader(data);
  const list = outer.bytes(outer.u8());
  return outer.failed || outer.remaining > 0 ? null : [...list];
}
