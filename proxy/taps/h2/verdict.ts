import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { Cause } from '../../../protos/records/causes.ts';
import type { Ending, Side, StreamEnd, TapState } from '../tap.ts';
import type { Failure } from './event.ts';
import { type Exchange, phaseOf } from './exchange.ts';

type Known = Pick<TapState, 'clientGoaway' | 'upstreamGoaway' | 'violation'> & {
  cutMidFrame: boolean;
  /** The client is inside a header block whose end has not come. */
  inRequest: boolean;
};
type Goaway = NonNullable<TapState['clientGoaway']>;

/**
 * Why a connection ended that `by` ended while these exchanges waited for their response. With none waiting nothing was
 * lost, but an end after a GOAWAY with an error or a breach of the protocol is still no normal end.
 */
export function verdictOf(
  by: Side,
  how: StreamEnd,
  waiting: readonly Exchange[],
  known: Known,
): { cause: Cause; error: string } | null {
  const oldest = waiting[0];
  const ended = `${how.toUpperCase()} from ${by}`;
  const open =
    waiting.length === 0
      ? 'no stream open'
      : waiting.length === 1
        ? '1 stream open'
        : `${waiting.length} streams open`;
  const goaway = deadlyGoaway(known, waiting);
  if (goaway !== null) {
    const breach =
      known.violation === null ? '' : `; before it ${known.violation.text} (${known.violation.by})`;
    return {
      cause: goawayCause(goaway.goaway),
      error: `GOAWAY ${errorCodeName(goaway.goaway.code)} from ${goaway.from}, then ${ended} with ${open}${breach}`,
    };
  }
  if (known.violation !== null) {
    const { cause, text, by: guilty } = known.violation;
    return { cause, error: `${guilty} broke HTTP/2: ${text}; then ${ended} with ${open}` };
  }
  if (oldest === undefined) {
    if (!known.inRequest) return null;
    return {
      cause: plainCause(by, how, 'request'),
      error: `${ended} in the middle of a header block with ${open}`,
    };
  }
  const middle = known.cutMidFrame ? ' in the middle of a frame' : '';
  const phase = phaseOf(oldest);
  return {
    cause: plainCause(by, how, phase),
    error: `${ended}${middle} with ${open}: ${phaseWords[phase]}`,
  };
}

/** Why this exchange did not complete: the ending of the connection, as far as it touches this stream. */
export function failureOf(exchange: Exchange, ending: Ending, known: Known): Failure {
  const refused = refusedBy(exchange, known);
  const goaway = refused ?? goawayNamedBy(ending.cause, known);
  const isPlain = ending.cause === 'eof_before_headers' || ending.cause === 'truncated';
  const isClients = ending.cause === 'eof' || ending.cause === 'client_gone';
  let { cause } = ending;
  // The connection is judged by its oldest stream; the others may stand elsewhere.
  if (refused !== null && (isPlain || isClients)) cause = goawayCause(refused);
  else if (isPlain) cause = exchange.response.headers === null ? 'eof_before_headers' : 'truncated';
  else if (isClients) cause = phaseOf(exchange) === 'request' ? 'eof' : 'client_gone';
  const isGoaway = cause.startsWith('h2_goaway:');
  return {
    cause,
    error: ending.error,
    errorCode: isGoaway && goaway !== null ? goaway.code : null,
    timedOut: ending.timedOut,
  };
}

const phaseWords = {
  idle: 'none open',
  request: 'the oldest in its request',
  waiting: 'the oldest waiting for response headers',
  response: 'the oldest in its response',
} as const;

function plainCause(by: Side, how: StreamEnd, phase: ReturnType<typeof phaseOf>): Cause {
  if (by === 'client') {
    if (phase !== 'request') return 'client_gone';
    return how === 'fin' ? 'eof' : 'reset';
  }
  if (how === 'rst') return 'reset';
  return phase === 'response' ? 'truncated' : 'eof_before_headers';
}

/** A GOAWAY with an error, the upstream's first; or one without that had refused every stream still open. */
function deadlyGoaway(known: Known, waiting: readonly Exchange[]): { goaway: Goaway; from: Side } | null {
  const { upstreamGoaway, clientGoaway } = known;
  if (upstreamGoaway !== null && upstreamGoaway.code !== 0)
    return { goaway: upstreamGoaway, from: 'upstream' };
  if (clientGoaway !== null && clientGoaway.code !== 0) return { goaway: clientGoaway, from: 'client' };
  if (
    upstreamGoaway !== null &&
    waiting.length > 0 &&
    waiting.every((exchange) => refusedBy(exchange, known) !== null)
  ) {
    return { goaway: upstreamGoaway, from: 'upstream' };
  }
  return null;
}

/** The server's GOAWAY when it says that this stream was never processed (RFC 9113 section 6.8). */
function refusedBy(exchange: Exchange, { upstreamGoaway }: Known): Goaway | null {
  if (upstreamGoaway === null || exchange.pushed || exchange.response.headers !== null) return null;
  return exchange.streamId > upstreamGoaway.lastStreamId ? upstreamGoaway : null;
}

function goawayNamedBy(cause: Cause, known: Known): Goaway | null {
  const candidates = [known.upstreamGoaway, known.clientGoaway];
  return candidates.find((goaway) => goaway != null && goawayCause(goaway) === cause) ?? null;
}

function goawayCause(goaway: Goaway): Cause {
  return `h2_goaway:${errorCodeName(goaway.code)}`;
}
