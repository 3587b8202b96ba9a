import type { Cause } from '../../../protos/records/causes.ts';
import type { ExchangePhase, Side, StreamEnd } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import type { Exchange } from './exchange.ts';

/** What the two parsers know about an exchange that is still open. */
export type Missing = { request: string; response: string; responseEndsWithStream: boolean };

/** The cause for an exchange that was open when `by` ended its stream; null when that end completes it. */
export function judgeEnd(
  exchange: Exchange,
  missing: Missing,
  by: Side,
  how: StreamEnd,
): { cause: Cause; error: string } | null {
  const { request, response } = exchange;
  if (response.complete) return null;
  if (isBreach(response.broken)) return breach('upstream', response.broken);
  if (by === 'client') return clientEnd(exchange, missing, how);
  const verb = how === 'rst' ? 'reset' : 'closed';
  if (!response.headSeen) {
    if (isBreach(request.broken)) return breach('client', request.broken);
    const cause = how === 'rst' ? 'reset' : 'eof_before_headers';
    return { cause, error: `the upstream ${verb} the connection before it answered` };
  }
  if (how === 'rst')
    return { cause: 'reset', error: `the upstream reset in the middle of its response: ${missing.response}` };
  if (missing.responseEndsWithStream) return null;
  return {
    cause: 'truncated',
    error: `the upstream closed in the middle of its response: ${missing.response}`,
  };
}

/** Where an exchange stands. */
export function phaseOf(exchange: Exchange): ExchangePhase {
  if (exchange.response.headSeen && !exchange.response.complete) return 'response';
  return exchange.request.complete ? 'waiting' : 'request';
}

export function breach(by: Side, anomaly: Anomaly): { cause: Cause; error: string } {
  return { cause: `h1_protocol_error:${anomaly}`, error: `the ${by} broke HTTP/1.1: ${anomaly}` };
}

/** A message over one of the tap's own limits breaks no rule. */
export function isBreach(anomaly: Anomaly | null): anomaly is Anomaly {
  return anomaly !== null && anomaly !== 'head_too_large' && anomaly !== 'chunk_line_too_long';
}

function clientEnd(exchange: Exchange, missing: Missing, how: StreamEnd): { cause: Cause; error: string } {
  const verb = how === 'rst' ? 'reset' : 'closed';
  switch (phaseOf(exchange)) {
    case 'request':
      return {
        cause: how === 'rst' ? 'reset' : 'eof',
        error: `the client ${verb} in the middle of its request: ${missing.request}`,
      };
    case 'response':
      return {
        cause: 'client_gone',
        error: `the client ${verb} in the middle of the response: ${missing.response}`,
      };
    default:
      return { cause: 'client_gone', error: `the client ${verb} while the upstream had not answered` };
  }
}
