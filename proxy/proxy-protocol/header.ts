export type Endpoint = { ip: string; port: number };

export type ProxyTlv = { type: number; name: string; valueHex: string };

/** A PROXY header as received. `src` and `dst` are null when it names no addresses to use: LOCAL, UNKNOWN, UNSPEC, UNIX. */
export type ProxyHeader = {
  version: 'v1' | 'v2';
  command: 'PROXY' | 'LOCAL';
  family: 'TCP4' | 'TCP6' | 'UDP4' | 'UDP6' | 'UNIX_STREAM' | 'UNIX_DGRAM' | 'UNSPEC' | 'UNKNOWN';
  src: Endpoint | null;
  dst: Endpoint | null;
  tlvs: ProxyTlv[];
  /** The whole header, byte for byte. */
  raw: Buffer;
};

/** A header, or in what way the bytes break the format. */
export type ParsedHeader = { header: ProxyHeader; error: null } | { header: null; error: string };

export function malformed(error: string): ParsedHeader {
  return { header: null, error };
}
