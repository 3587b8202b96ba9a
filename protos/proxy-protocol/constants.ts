/** Constants of HAProxy's PROXY protocol specification. */
export const v1Prefix = Buffer.from('PROXY', 'latin1');
export const v2Signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** Longest v1 line, CRLF included (section 2.1). */
export const v1MaxBytes = 107;
/** Signature, version and command, family and protocol, length (section 2.2). */
export const v2HeaderBytes = 16;

export const tlvTypes = {
  alpn: 0x01,
  authority: 0x02,
  crc32c: 0x03,
  noop: 0x04,
  uniqueId: 0x05,
  ssl: 0x20,
  netns: 0x30,
} as const;

/** Longest AUTHORITY and UNIQUE_ID values (sections 2.2.2 and 2.2.5). */
export const authorityMaxBytes = 255;
export const uniqueIdMaxBytes = 128;
/** The client flags and the verify word that start an SSL TLV (section 2.2.6). */
export const sslFixedBytes = 5;
