import type { Cause } from '../../protos/records/causes.ts';
import type { ExchangePhase, Side, TapProtocol } from '../taps/tap.ts';

/** Why a connection is over: the judged part of its close record. */
export type Verdict = {
  closedBy: 'client' | 'upstream' | 'proxy' | 'unknown';
  closeReason: string;
  flags: string[];
  cause: Cause;
  /** Two letters; see causes.ts. */
  term: string;
  error: string | null;
  timedOut: boolean;
};

const phaseLetters: Record<ExchangePhase, string> = { request: 'R', waiting: 'H', response: 'D', idle: '-' };

export function phaseLetter(phase: ExchangePhase): string {
  return phaseLetters[phase];
}

/** A verdict of the proxy itself, before any byte was relayed. */
export function ownVerdict(closeReason: string, cause: Cause, term: string, error: string | null): Verdict {
  return { closedBy: 'proxy', closeReason, flags: [closeReason], cause, term, error, timedOut: false };
}

/** The operator stopped the proxy: `K` and the phase the connection was in. */
export function shutdownVerdict(phase: string): Verdict {
  return { ...ownVerdict('cancelled', 'shutdown', `K${phase}`, 'the proxy was told to stop'), flags: [] };
}

/** The first end of a relayed connection, judged at the moment it came. */
export type FirstEnd = {
  by: Side;
  how: 'fin' | 'rst' | 'alert';
  phase: ExchangePhase;
  /** The tap's judgement then; null when every exchange was complete. */
  judged: { cause: Cause; error: string } | null;
  /** A cause that TLS proved (an alert, a broken record); it outweighs the tap's. */
  proved: { cause: Cause; error: string } | null;
  /** Whether a close_notify came first; null when it cannot be told or there is no TLS. */
  closeNotify: boolean | null;
};

export type RelayEnd = {
  first: FirstEnd;
  /** `client_fin`, `upstream_rst`, … in the order they came. */
  flags: string[];
  /** Not a byte came from the upstream, and no exchange was completed. */
  unserved: boolean;
  /** Exchanges still open after both sides had their say. */
  openAtEnd: boolean;
  /** The client reset, or could not be written to, after its FIN. */
  clientGone: boolean;
  /** What TLS proved of a later end, such as a rejected certificate that was announced by the second one. */
  violation: { by: Side; cause: Cause; text: string } | null;
};

/** Whether an end cut something short. */
export function isFault({ by, how, phase, judged, proved, closeNotify }: FirstEnd): boolean {
  const cutBody = by === 'upstream' && how === 'fin' && phase === 'response' && closeNotify === false;
  return judged !== null || proved !== null || cutBody;
}

/** Judge a relayed connection that a side ended. */
export function judgeRelay(end: RelayEnd): Verdict {
  const { first } = end;
  const letter = first.by === 'client' ? 'C' : 'S';
  const base = {
    closedBy: first.by,
    closeReason: first.how === 'alert' ? `${first.by}_protocol_error` : `${first.by}_${first.how}`,
    flags: end.flags,
    timedOut: false,
  };
  const ended = (cause: Cause, term: string, error: string | null): Verdict => ({
    ...base,
    cause,
    term,
    error,
  });
  const violated = end.violation;
  if (first.proved !== null) {
    const { cause, error } = first.proved;
    // A refusal of our certificate belongs to the handshake, however late it comes.
    return ended(
      cause,
      cause === 'client_cert_rejected' ? 'tC' : `${letter}${phaseLetter(first.phase)}`,
      error,
    );
  }
  if (violated !== null && (first.judged !== null || end.openAtEnd)) {
    return ended(
      violated.cause,
      `${violated.by === 'client' ? 'C' : 'S'}${phaseLetter(first.phase)}`,
      violated.text,
    );
  }
  if (first.judged !== null) {
    // A client that half-closes after its request and then gets its whole answer has ended well.
    const halfClosed = first.how === 'fin' && first.by === 'client' && first.phase !== 'idle';
    if (halfClosed && !end.openAtEnd && !end.clientGone) {
      return ended('graceful', '--', null);
    }
    if (end.clientGone && first.by === 'client' && first.judged.cause === 'client_gone') {
      return ended('client_gone', `C${phaseLetter(first.phase)}`, 'the client closed and then reset');
    }
    return ended(
      first.judged.cause,
      `${letter}${judgedLetter(first.judged.cause, first.phase)}`,
      first.judged.error,
    );
  }
  // Nothing was complete where nothing came, nor where a request crossed the reset.
  if (first.how === 'rst' && first.by === 'upstream' && (end.unserved || end.openAtEnd))
    return ended('reset', 'SH', 'the upstream reset the connection before it answered');
  if (first.how !== 'fin')
    return ended('reset_after_done', '--', `the ${first.by} reset after all was complete`);
  // A response that is open and yet complete with the FIN is delimited by that FIN alone (RFC 9112 6.3).
  const eofDelimited = first.by === 'upstream' && first.phase === 'response';
  if (eofDelimited && first.closeNotify === false) {
    return ended('tls_truncated', 'SD', 'TCP ended without close_notify: the body may be cut');
  }
  if (first.by === 'upstream' && end.unserved) {
    return ended('eof_before_headers', 'SH', 'the upstream closed before it sent a byte');
  }
  const later = end.flags.find((flag) => flag.endsWith('_rst'));
  if (later !== undefined) {
    const side = later.slice(0, -'_rst'.length);
    return ended(
      'reset_after_done',
      '--',
      `the ${side} reset after all was complete; what it had not read is lost`,
    );
  }
  return ended('graceful', '--', null);
}

function judgedLetter(cause: Cause, phase: ExchangePhase): string {
  // Of a protocol without exchanges all bytes are data.
  if (cause === 'reset' && phase === 'idle') return phaseLetter('response');
  // The same FIN may complete one answer and be the lack of the next, pipelined one.
  return phaseLetter(cause === 'eof_before_headers' && phase === 'response' ? 'waiting' : phase);
}

/** A limit passed: which one, in whose name, is told by what was open. */
export function judgeTimeout(open: {
  phase: ExchangePhase;
  protocol: TapProtocol;
  /** The side whose flow-control window every open stream waits for. */
  flowBlockedBy: Side | null;
  limitMs: number;
  /** The side that takes no more bytes, where one holds up the other. */
  full?: Side | null;
}): Verdict {
  const own = (closeReason: string, cause: Cause, term: string, error: string): Verdict => ({
    ...ownVerdict(closeReason, cause, term, error),
    timedOut: true,
  });
  if (open.phase === 'idle') {
    const reason = open.protocol === 'h2' ? 'proxy_idle_timeout' : 'client_idle_timeout';
    return own(
      reason,
      'idle_timeout',
      open.protocol === 'h2' ? 'P-' : 'c-',
      `no byte for ${open.limitMs} ms and nothing open`,
    );
  }
  const full = open.full ?? open.flowBlockedBy;
  const side = full ?? (open.phase === 'request' ? 'client' : 'upstream');
  const cause = open.flowBlockedBy !== null ? 'flow_control_stall' : 'timeout';
  const term = `${side === 'client' ? 'c' : 's'}${phaseLetter(open.phase)}`;
  const blocked = open.flowBlockedBy !== null ? '; every open stream waits for its flow-control window' : '';
  return own(
    `${side}_read_timeout`,
    cause,
    term,
    `${full === null ? `no byte from the ${side}` : `the ${side} took no byte`} for ${open.limitMs} ms${blocked}`,
  );
}
