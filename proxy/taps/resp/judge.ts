import type { Cause } from '../../../protos/records/causes.ts';
import type { Side, StreamEnd } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import { SHUTDOWN } from './kinds.ts';

/** How far the two sides have come. */
export type Standing = {
  /** Commands without a whole reply, and the name of the oldest. */
  pending: number;
  oldest: number | null;
  midReply: boolean;
  midCommand: boolean;
  /** What a command that has begun still lacks, in words. */
  missing: string;
  brokenClient: Anomaly | null;
  brokenUpstream: Anomaly | null;
  isOpaque: boolean;
};

/** The cause for an end by `by` that came now; null when it cut nothing short. */
export function judgeEnd(now: Standing, by: Side, how: StreamEnd): { cause: Cause; error: string } | null {
  if (now.brokenUpstream !== null && now.pending > 0) return breach('upstream', now.brokenUpstream);
  if (now.isOpaque) return how === 'rst' ? { cause: 'reset', error: `the ${by} reset the connection` } : null;
  return by === 'upstream' ? upstreamEnd(now, how) : clientEnd(now, how);
}

export function breach(by: Side, anomaly: Anomaly): { cause: Cause; error: string } {
  return {
    cause: `redis_protocol_error:${anomaly}`,
    error: `the ${by} broke the Redis protocol: ${anomaly}`,
  };
}

function upstreamEnd(now: Standing, how: StreamEnd): { cause: Cause; error: string } | null {
  const verb = how === 'rst' ? 'reset' : 'closed';
  if (now.midReply) {
    const cause = how === 'rst' ? 'reset' : 'truncated';
    return { cause, error: `the upstream ${verb} in the middle of a reply` };
  }
  if (now.pending === 0 && !now.midCommand) return null;
  // SHUTDOWN is answered by nothing but an error.
  if (how === 'fin' && now.pending === 1 && now.oldest === SHUTDOWN && !now.midCommand) return null;
  if (now.brokenClient !== null && now.pending === 1) return breach('client', now.brokenClient);
  const cause = how === 'rst' ? 'reset' : 'eof_before_headers';
  return { cause, error: `the upstream ${verb} the connection before it answered` };
}

function clientEnd(now: Standing, how: StreamEnd): { cause: Cause; error: string } | null {
  const verb = how === 'rst' ? 'reset' : 'closed';
  if (now.midReply) return { cause: 'client_gone', error: `the client ${verb} in the middle of a reply` };
  if (now.pending > 0)
    return { cause: 'client_gone', error: `the client ${verb} while the upstream had not answered` };
  if (!now.midCommand) return null;
  const cause = how === 'rst' ? 'reset' : 'eof';
  return { cause, error: `the client ${verb} in the middle of a command: ${now.missing} had not come` };
}
