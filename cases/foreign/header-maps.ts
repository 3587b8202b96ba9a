import type { EventRecord } from '../../protos/records/records.ts';
import { type CaseView, differs } from '../verify/case-view.ts';
import { exchangePairs } from '../verify/exchanges.ts';
import { fieldDifference, redactedNames } from '../verify/fields.ts';
import type { Mismatch } from '../verify/match.ts';

type Field = [string, string];

/**
 * The `headers` maps of 1.50 against the two witnesses: of a name that came twice the last value, trailers of the response
 * among its headers. That a name came twice, and the order of names, is nothing a map can tell.
 */
export function headerMaps(view: CaseView): Mismatch[] {
  const { logging } = view.evidence.listener.config;
  if (logging.log_headers === false) return [];
  const redacted = redactedNames(logging);
  return view.connections.flatMap((connection) =>
    exchangePairs(connection).flatMap(({ event, request, exchange }) => {
      const broken: Mismatch[] = [];
      const native = request?.stream_id === null && event.protocol !== 'http1';
      if (request && !native) broken.push(...compare(event, 'request', request.headers, redacted));
      if (exchange?.status != null && exchange.complete)
        broken.push(...compare(event, 'response', [...exchange.headers, ...exchange.trailers], redacted));
      return broken;
    }),
  );
}

function compare(
  event: EventRecord,
  side: 'request' | 'response',
  witnessed: Field[],
  redacted: Set<string>,
): Mismatch[] {
  const last = new Map(witnessed.map(([name, value]) => [name.toLowerCase(), value]));
  const told = new Map(
    Object.entries(event[side].headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const difference = fieldDifference([...last], [...told], redacted, 'asked for them');
  return difference ? [differs(event, `${side}.headers`, difference.expected, difference.seen)] : [];
}
