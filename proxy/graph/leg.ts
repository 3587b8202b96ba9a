import type { Connection } from '../diagnose/facts/connection.ts';

/** How one leg of a connection was protected; null where the records do not tell. */
export type LegState = 'tls' | 'tls_failed' | 'plain' | null;

/** The client's leg. Plain only if the records begin with the connection and TLS would have come by now. */
export function legIn({ tlsIn, open, exchanges }: Connection): LegState {
  if (tlsIn !== null) return tlsIn.ok ? 'tls' : 'tls_failed';
  return open !== null && exchanges > 0 ? 'plain' : null;
}

/** The upstream's leg: the same, for which a byte from it, or waiting for its answer, is needed. */
export function legOut({ tlsOut, open, successes, close }: Connection): LegState {
  if (tlsOut !== null) return tlsOut.ok ? 'tls' : 'tls_failed';
  const answered = successes > 0 || (close?.bytesOut ?? 0) > 0;
  const awaited = close !== null && close.upstreamLocal !== null && /^.[HD]$/.test(close.term ?? '');
  return open !== null && (answered || awaited) ? 'plain' : null;
}
