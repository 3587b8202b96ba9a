import { deepEqual, show } from '../../json.ts';
import type { Evidence } from '../../run/evidence.ts';
import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { headerFacts, specFacts } from '../proxy-header.ts';

export const proxyHeader: Invariant = {
  name: 'proxy-header',
  witness: "the client's spec and the server's own decoder, which sees the header byte for byte",
  check: ({ connections, evidence }) =>
    connections.flatMap((connection) => [...recorded(connection, evidence), ...forwarded(connection)]),
};

function recorded(connection: ConnectionView, evidence: Evidence): Mismatch[] {
  const { open, close, conns } = connection;
  const broken: Mismatch[] = [];
  for (const record of conns.filter(({ event }) => event === 'wait')) {
    if (record.proxy_version !== null)
      broken.push(differs(record, 'proxy_version', 'null', record.proxy_version));
  }
  if (!open) {
    const refused = close && /^proxy_(?!internal)/.test(close.cause ?? '');
    const believable = refused ? [null, 'none', 'invalid', 'v1', 'v2'] : [null, 'none', 'invalid'];
    if (close && !believable.includes(close.proxy_version)) {
      broken.push(differs(close, 'proxy_version', show(believable), close.proxy_version));
    }
    // A header that was read and not believed.
    const sent = close?.cause === 'proxy_untrusted_peer' ? specFacts(connection) : null;
    for (const key of ['src', 'dst'] as const) {
      const told = close?.[`proxy_${key}`] ?? null;
      if (sent && close && told !== sent[key])
        broken.push(differs(close, `proxy_${key}`, show(sent[key]), told));
    }
    return broken;
  }
  const facts = headerFacts(connection, evidence);
  if (!facts) return broken;
  for (const record of [open, ...(close ? [close] : [])]) {
    const tlvs = record.proxy_tlvs.map(({ type, value_hex }) => ({ type, value_hex }));
    const command = facts.version === 'v1' ? 'PROXY' : facts.command;
    for (const [key, expected, seen] of [
      ['proxy_version', facts.version, record.proxy_version],
      ['proxy_src', facts.src, record.proxy_src],
      ['proxy_dst', facts.dst, record.proxy_dst],
      ['proxy_tlvs', facts.tlvs ?? tlvs, tlvs],
      ['proxy_command', command, record.proxy_command],
    ] as const) {
      if (!deepEqual(expected, seen)) broken.push(differs(record, key, show(expected), seen));
    }
    for (const { type, name } of record.proxy_tlvs) {
      const expected = tlvNames[type];
      if (expected !== undefined && name !== expected)
        broken.push(differs(record, 'proxy_tlvs name', expected, name));
    }
  }
  return broken;
}

/** What reached the server is what the client sent. */
function forwarded(connection: ConnectionView): Mismatch[] {
  const [seen] = connection.seen.proxy;
  const sent = specFacts(connection);
  const hex = connection.client?.spec.proxyHeader?.raw_hex;
  const path = 'server proxy observation';
  if (!seen) return [];
  if (
    hex !== undefined &&
    connection.client?.spec.fault === undefined &&
    seen.raw_hex !== hex.toLowerCase()
  ) {
    return [{ path, expected: hex, seen: seen.raw_hex }];
  }
  if (!sent) return [];
  return (['version', 'src', 'dst'] as const)
    .filter((key) => seen[key] !== sent[key])
    .map((key) => ({ path: `${path}: ${key}`, expected: show(sent[key]), seen: seen[key] }));
}

/** The types of the PROXY protocol specification, section 2.2. */
const tlvNames: Record<number, string> = {
  1: 'ALPN',
  2: 'AUTHORITY',
  3: 'CRC32C',
  4: 'NOOP',
  5: 'UNIQUE_ID',
  32: 'SSL',
  48: 'NETNS',
};
