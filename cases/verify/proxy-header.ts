import type { Evidence } from '../run/evidence.ts';
import type { ConnectionView } from './case-view.ts';

/** What a PROXY header said, as one of the witnesses knows it. */
export type HeaderFacts = {
  version: 'none' | 'v1' | 'v2' | 'invalid';
  command: 'PROXY' | 'LOCAL' | null;
  src: string | null;
  dst: string | null;
  tlvs: { type: number; value_hex: string }[] | null;
};

const noHeader: HeaderFacts = { version: 'none', command: null, src: null, dst: null, tlvs: [] };
const defaultSource = '203.0.113.10:54321';
const defaultDestination = '192.0.2.10:443';

/**
 * The header of a connection: as it reached the server, which has a decoder of its own; else as the client was told to
 * write it, where the spec says what it writes. Null when no witness knows.
 */
export function headerFacts(connection: ConnectionView, evidence: Evidence): HeaderFacts | null {
  if (evidence.listener.config.proxy_protocol?.mode === 'off') return noHeader;
  const [seen] = connection.seen.proxy;
  if (seen)
    return { version: seen.version, command: seen.command, src: seen.src, dst: seen.dst, tlvs: seen.tlvs };
  return specFacts(connection);
}

/** By the client's spec alone. */
export function specFacts({ client }: ConnectionView): HeaderFacts | null {
  if (!client) return null;
  const { fault } = client.spec;
  // These write the header of the spec themselves; other faults of the header write one of their own, and all the rest none.
  const writesSpec = /^pp-(coalesced|header-then)$/.test(fault?.id ?? '');
  if (fault && !writesSpec && /^(pp|tls-proxy-v)/.test(fault.id)) return null;
  const version = (fault?.params?.version ?? 'v2') as 'v1' | 'v2';
  const header = writesSpec ? { ...client.spec.proxyHeader, version } : client.spec.proxyHeader;
  if (!header || (header.version === 'none' && header.raw_hex === undefined)) {
    return noHeader;
  }
  if (header.raw_hex !== undefined || header.version === 'malformed' || header.version === 'none')
    return null;
  const named = header.family !== 'UNKNOWN' && header.family !== 'UNSPEC' && header.command !== 'LOCAL';
  return {
    version: header.version,
    command: header.version === 'v1' ? null : (header.command ?? 'PROXY'),
    src: named ? (header.src ?? defaultSource) : null,
    dst: named ? (header.dst ?? defaultDestination) : null,
    tlvs: header.version === 'v1' ? [] : header.crc32c ? null : (header.tlvs ?? []),
  };
}

/** The address a header gave the client; null when it gave none or was refused; undefined when no witness can tell. */
export function believedSource(connection: ConnectionView, evidence: Evidence): string | null | undefined {
  if (!connection.open) return null;
  const facts = headerFacts(connection, evidence);
  return facts === null ? undefined : facts.src;
}
