import type { GrpcCall } from '../grpc/call.ts';
import type { ExchangePhase, TapState } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import type { BodyCapture } from './body-capture.ts';
import type { HeaderFacts } from './header-facts.ts';

/** One direction of a stream. */
export type Half = {
  /** The request's headers, or the final ones of the response. */
  headers: HeaderFacts | null;
  trailers: HeaderFacts | null;
  /** DATA without padding. */
  bytes: number;
  /** END_STREAM came. */
  ended: boolean;
  body: BodyCapture | null;
  /**
   * Flow-control credit of the sender beyond the initial window: WINDOW_UPDATE received minus DATA sent. Kept relative, so
   * that a change of SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 section 6.9.2) touches no stream.
   */
  credit: number;
  /** When its last FLOW_BLOCK was recorded. */
  blockRecordedAtMs: number;
};

/** One stream from its first HEADERS or PUSH_PROMISE to the end of both halves. */
export type Exchange = {
  readonly streamId: number;
  readonly startedAtMs: number;
  /** Its place among the exchanges of its connection, in the order they began; from 1. */
  readonly place: number;
  readonly pushed: boolean;
  readonly request: Half;
  readonly response: Half;
  readonly informational: number[];
  readonly anomalies: Anomaly[];
  grpc: GrpcCall | null;
  /** The response's final HEADERS carried END_STREAM. */
  headersEndedResponse: boolean;
  /** Its event is written: what still comes, such as the rest of a DATA frame when the other side has reset, changes nothing. */
  over: boolean;
  responseEndedAtMs: number;
  /** The breach on this stream that stood as the first of its connection. */
  breach: TapState['violation'];
  /** Header bytes counted against the budget of the connection. */
  headerBytes: number;
  /** Its place among the open ones; see open-streams.ts. */
  nextInBucket: Exchange | null;
  older: Exchange | null;
  newer: Exchange | null;
};

export function newExchange(streamId: number, startedAtMs: number, pushed: boolean, place: number): Exchange {
  return {
    streamId,
    startedAtMs,
    place,
    pushed,
    request: newHalf(pushed),
    response: newHalf(false),
    informational: [],
    anomalies: [],
    grpc: null,
    headersEndedResponse: false,
    over: false,
    responseEndedAtMs: 0,
    breach: null,
    headerBytes: 0,
    nextInBucket: null,
    older: null,
    newer: null,
  };
}

export function phaseOf(exchange: Exchange): ExchangePhase {
  // A block that could not be read has headers and no status.
  if (exchange.response.headers !== null && exchange.response.headers.status !== null) return 'response';
  return exchange.request.ended ? 'waiting' : 'request';
}

export function note(exchange: Exchange, anomaly: Anomaly): void {
  if (!exchange.anomalies.includes(anomaly)) exchange.anomalies.push(anomaly);
}

function newHalf(ended: boolean): Half {
  return {
    headers: null,
    trailers: null,
    bytes: 0,
    ended,
    body: null,
    credit: 0,
    blockRecordedAtMs: -Infinity,
  };
}
