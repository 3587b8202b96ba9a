import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';

/**
 * Whether there is nothing to explain: it ended well, and so did all that went over it. Most connections are so; no rule but
 * those beside them is asked.
 */
export function looksWell(connection: Connection): boolean {
  const { close, tlsIn, tlsOut } = connection;
  if (connection.groups.size > 0 || connection.late.length > 0) return false;
  if (tlsIn?.ok === false || tlsOut?.ok === false) return false;
  // Without its close record it is still open, or the file does not hold its end: neither is a fault.
  if (close === null) return !isStalled(connection);
  if (!endedWell(close.term, close.cause)) return false;
  return !isStalled(connection) && close.bytesOut !== 0;
}

/** The client has spoken HTTP/2 and the upstream has not. */
function isStalled({ close, control }: Connection): boolean {
  return close?.protocol === 'h2' && close.bytesOut === 0 && !control.counts.has('upstream SETTINGS');
}

/** The ends that are nobody's fault. */
export function endedWell(term: string | null, cause: string | null): boolean {
  if (term === null) return cause === null || cause === 'graceful';
  return term === '--' || term.startsWith('K') || cause === 'idle_timeout';
}

/** Whether an exchange ended because its connection could not be served: told of the connection already. */
export function isConsequence(group: ExchangeGroup): boolean {
  return group.localReply && group.cause !== 'timeout';
}

/** Whether somebody ran out of patience. */
export function wasTimedOut(connection: Connection): boolean {
  const { close } = connection;
  if (close?.cause === 'timeout' || close?.cause === 'connection_timeout') return true;
  for (const group of connection.groups.values()) {
    if (group.cause === 'timeout' || group.grpcStatus === 4 || group.status === 504) return true;
    if (group.grpcTimeoutMs !== null && group.cause !== null) return true;
  }
  return false;
}
