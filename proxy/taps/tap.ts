import type { Cause } from '../../protos/records/causes.ts';

/** Which side of the proxy bytes came from. */
export type Side = 'client' | 'upstream';

/** How a side ended its TCP stream. */
export type StreamEnd = 'fin' | 'rst';

/** Where the oldest exchange that is still open stands; `idle` when none is. */
export type ExchangePhase = 'idle' | 'request' | 'waiting' | 'response';

/** What a relay carries, as its close record says. */
export type TapProtocol = 'h2' | 'http/1.1' | 'redis' | 'raw';

/** What a tap knows now. Read by the connection to judge an end, a timeout or a stall. */
export type TapState = {
  protocol: TapProtocol;
  phase: ExchangePhase;
  openExchanges: number;
  completedExchanges: number;
  /** Target of the last request on the connection, and the raw value of its first `tid=` query parameter. */
  path: string | null;
  tid: string | null;
  /** The side whose flow-control window every open stream waits for; null where not all of them wait. */
  flowBlockedBy: Side | null;
  /** The last GOAWAY from each side, if any. */
  clientGoaway: { code: number; lastStreamId: number } | null;
  upstreamGoaway: { code: number; lastStreamId: number } | null;
  /** The oldest HTTP/1.1 request that waits, when no byte of its answer has come; null otherwise. */
  unanswered: { method: string | null } | null;
  /** The answer may rightly take as long as the connection may be idle: the client asked to wait for others. */
  patient?: boolean;
  /** The first breach of the protocol and who committed it; the relay goes on regardless. */
  violation: { by: Side; cause: Cause; text: string } | null;
};

/** How the connection ended, for exchanges that were still open then. */
export type Ending = { cause: Cause; error: string; timedOut: boolean };

/**
 * A tap decodes copies. It never changes, delays or ends traffic, never throws, keeps no chunk without copying what it
 * needs, and its memory is bounded whatever the peers send. A decoding error is recorded once and stops the decoding.
 */
export type Tap = {
  data(from: Side, chunk: Buffer): void;
  /** `closeNotify`: whether TLS announced the end; null or left out where that cannot be told. */
  end(from: Side, how: StreamEnd, closeNotify?: boolean | null): void;
  state(): TapState;
  /**
   * Decide the cause for an end that came now from `by`, given the exchanges that are open: `eof_before_headers`,
   * `truncated`, `reset`, `client_gone`, …; null when every exchange is complete.
   */
  causeOf(by: Side, how: StreamEnd): { cause: Cause; error: string } | null;
  /** The connection is over: write an event with error for every exchange still open. Idempotent. */
  close(ending: Ending): void;
};
