import type { Anomaly } from './anomalies.ts';
import type { BodyCapture } from './body-capture.ts';
import type { Fields } from './head.ts';

/** One half of an exchange as far as it has come. */
export type Half = {
  headSeen: boolean;
  complete: boolean;
  /** Why its bytes could not be followed to their end. */
  broken: Anomaly | null;
  bytes: number;
  fields: Fields;
  trailers: Fields;
  contentLength: number | null;
  capture: BodyCapture | null;
};

/** A request and its response. Times are epoch milliseconds with a fraction. */
export type Exchange = {
  startMs: number;
  endMs: number;
  request: Half & {
    method: string | null;
    target: string | null;
    authority: string | null;
    upgrade: boolean;
  };
  response: Half & { status: number | null };
  tid: string | null;
  traceId: string | null;
  /** Characters held of its heads and trailers. */
  headBytes: number;
  informational: readonly number[];
  anomalies: readonly Anomaly[];
  flags: readonly string[];
};

export function createExchange(nowMs: number): Exchange {
  return {
    startMs: nowMs,
    endMs: nowMs,
    request: { ...createHalf(), method: null, target: null, authority: null, upgrade: false },
    response: { ...createHalf(), status: null },
    tid: null,
    traceId: null,
    headBytes: 0,
    informational: none,
    anomalies: none,
    flags: none,
  };
}

export function noteAnomaly(exchange: Exchange, anomaly: Anomaly): void {
  if (!exchange.anomalies.includes(anomaly)) exchange.anomalies = [...exchange.anomalies, anomaly];
}

/** What most exchanges have nothing of is the same object in all: of those that wait there may be many. */
const none: never[] = [];

function createHalf(): Half {
  return {
    headSeen: false,
    complete: false,
    broken: null,
    bytes: 0,
    fields: none,
    trailers: none,
    contentLength: null,
    capture: null,
  };
}
