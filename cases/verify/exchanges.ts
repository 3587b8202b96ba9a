import type { ExchangeResult } from '../../protos/control/fault-client.ts';
import type { EventRecord } from '../../protos/records/records.ts';
import type { Evidence } from '../run/evidence.ts';
import type { ConnectionView, ObservationsByWord } from './case-view.ts';

export type SeenRequest = ObservationsByWord['request'][number];

/** One event with what the two witnesses saw of the same exchange. */
export type ExchangePair = {
  event: EventRecord;
  request: SeenRequest | null;
  exchange: ExchangeResult | null;
};

/**
 * Events with the server's requests (by stream number; in order where there is none) and the client's exchanges
 * (in order, where their number is the same, none of them ran beside another, and no fault owned the bytes).
 */
export function exchangePairs(connection: ConnectionView): ExchangePair[] {
  const events = requestedEvents(connection).sort(byStart);
  const requests = connection.seen.request;
  const byStream = requests.length > 0 && requests.every(({ stream_id }) => stream_id !== null);
  const reached = events.filter(reachedTheServer);
  const spec = connection.client?.spec;
  const ordered = spec?.fault === undefined && (spec?.proto === 'h1' || (spec?.concurrency ?? 1) === 1);
  const exchanges = ordered && connection.exchanges?.length === events.length ? connection.exchanges : null;
  return events.map((event, index) => ({
    event,
    request:
      (byStream ? requests.find(({ stream_id }) => stream_id === event.request.stream_id) : undefined) ??
      (requests.length === reached.length ? requests[reached.indexOf(event)] : undefined) ??
      null,
    exchange: exchanges?.[index] ?? null,
  }));
}

/** With a sample_rate below 1 a healthy exchange may leave no event. */
export function everyExchangeIsRecorded({ listener }: Evidence): boolean {
  return Number(listener.config.logging.sample_rate ?? 1) >= 1;
}

/** The proxy answers by itself where it has no upstream, and where the upstream has the request and stays silent. */
export function reachedTheServer({ local_reply, cause }: EventRecord): boolean {
  return !local_reply || cause === 'timeout';
}

/**
 * Events of exchanges the client began; a pushed stream has an even number (RFC 9113 5.1.1), an answer to nobody has no
 * request, and a Redis command is no exchange of HTTP.
 */
export function requestedEvents({ events }: ConnectionView): EventRecord[] {
  return events.filter(
    ({ protocol, request, anomalies }) =>
      protocol !== 'redis' &&
      (request.stream_id ?? 1) % 2 === 1 &&
      !(request.method === null && anomalies.includes('unsolicited_response')),
  );
}

/** Stream numbers rise in the order streams are opened, h1 exchanges start one after the other. */
function byStart(left: EventRecord, right: EventRecord): number {
  return (left.request.stream_id ?? 0) - (right.request.stream_id ?? 0) || left.ts_start - right.ts_start;
}
