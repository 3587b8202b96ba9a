import { parseCidr } from './cidr.ts';
import { joined, type Section } from './section.ts';
import type { ListenerConfig } from './types.ts';
import { readList, readNumber } from './values.ts';

/** Node's timers end at 2^31-1 ms; a day is more than any of these waits needs. */
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;

export function readPolicy(section: Section | null): ListenerConfig['policy'] {
  const defaults = {
    allowlist: [],
    maxConnections: 200,
    maxconnWaitWarnMs: 200,
    maxconnWaitTimeoutMs: 30_000,
    upstreamConnectTimeoutMs: 5000,
    upstreamHandshakeTimeoutMs: 10_000,
    tlsHandshakeTimeoutMs: 10_000,
    readTimeoutMs: 30_000,
    idleTimeoutMs: 120_000,
  };
  if (section === null) return defaults;
  const ms = (key: string, byDefault: number) => readNumber(section, key, { byDefault, min: 0, max: DAY_MS });
  // As in 1.50, 0 is not "no limit" but the default.
  const seconds = (key: string, defaultMs: number) =>
    readNumber(section, key, { byDefault: defaultMs / 1000, min: 0, max: DAY_S, zeroIsDefault: true }) * 1000;
  return {
    allowlist: readCidrs(section, 'allowlist'),
    maxConnections: readNumber(section, 'max_connections', {
      byDefault: defaults.maxConnections,
      min: 1,
      max: 1_000_000,
      whole: true,
    }),
    maxconnWaitWarnMs: ms('maxconn_wait_warn_ms', defaults.maxconnWaitWarnMs),
    maxconnWaitTimeoutMs: ms('maxconn_wait_timeout_ms', defaults.maxconnWaitTimeoutMs),
    upstreamConnectTimeoutMs: seconds('upstream_connect_timeout', defaults.upstreamConnectTimeoutMs),
    upstreamHandshakeTimeoutMs: seconds('upstream_handshake_timeout', defaults.upstreamHandshakeTimeoutMs),
    tlsHandshakeTimeoutMs: seconds('tls_handshake_timeout', defaults.tlsHandshakeTimeoutMs),
    readTimeoutMs: seconds('read_timeout', defaults.readTimeoutMs),
    idleTimeoutMs: seconds('idle_timeout', defaults.idleTimeoutMs),
  };
}

/** A bad entry is an error: skipped, a list of only bad ones would let everyone in. */
export function readCidrs(section: Section, key: string): string[] {
  const entries = readList(section, key) ?? [];
  for (const { text, offset } of entries) {
    if (parseCidr(text) === null) {
      section.problems.add(
        offset,
        `${joined(section, key)}: "${text}" is not an address or CIDR; write for example 10.0.0.0/8 or 2001:db8::/32`,
      );
    }
  }
  return entries.map(({ text }) => text);
}
