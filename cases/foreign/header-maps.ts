import type { EventRecord } from '../../protos/records/records.ts';
import { show } from '../json.ts';
import { type CaseView, differs } from '../verify/case-view.ts';
import { exchangePairs } from '../verify/exchanges.ts';
import { fieldDifference, redactedNames } from '../verify/fields.ts';
import type { Mismatch } from '../verify/match.ts';
import { hasFault } from './faulty.ts';

type Field = [string, string];

/**
 * The `headers` maps of 1.50 against the two witnesses: of a name that came twice the last value, trailers of the response
 * among its headers. That a name came twice, and the order of names, is nothing a map can tell.
 */
export function headerMaps(view: CaseView): Mismatch[] {
  const { logging } = view.evidence.listener.config;
  // What a fault did to fields is in no map.
  if (logging.log_headers === false || hasFault(view)) return [];
  const redacted = redactedNames(logging);
  return view.connections.flatMap((connection) =>
    exchangePairs(connection).flatMap(({ event, request, exchange }) => {
      const broken: Mismatch[] = [...lengths(event)];
      const native = request?.stream_id === null && event.protocol !== 'http1';
      if (request && !native) broken.push(...compare(event, 'request', request.headers, redacted));
      if (exchange?.status != null && exchange.complete)
        broken.push(...compare(event, 'response', [...exchange.headers, ...exchange.trailers], redacted));
      return broken;
    }),
  );
}

/** `content_length` is what the field of that name says. */
function lengths(event: EventRecord): Mismatch[] {
  return (['request', 'response'] as const).flatMap((side) => {
    const { headers, content_length } = event[side];
    const [, written] =
      Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-length') ?? [];
    const expected = written !== undefined && /^\d+$/.test(written) ? Number(written) : null;
    return content_length === expected
      ? []
      : [differs(event, `${side}.content_length`, show(expected), content_length)];
  });
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
