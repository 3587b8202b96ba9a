import type { H2ctlRecord } from '../../../protos/records/records.ts';
import { isObject } from '../../json.ts';
import type { CaseInstance } from '../../load/catalog.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { gaveUp, leftUnanswered } from './gave-up.ts';
import { metInTime } from './met-in-time.ts';

/** RFC 9113 3.4, 6.5.3: each side begins with one SETTINGS, and each is acknowledged. */
export const h2Preface: Invariant = {
  name: 'h2-preface',
  witness: 'the case: who was asked to break the preface, and who stayed long enough to acknowledge',
  check: ({ connections, instance }: CaseView) =>
    connections.flatMap((connection) => ofConnection(connection, instance)),
};

/** Faults that send other SETTINGS than one, or leave them unacknowledged; the cases say how many. */
const aboutSettings = /settings|preface|h1-response|illegal-frame/;

function ofConnection(connection: ConnectionView, { upstream }: CaseInstance): Mismatch[] {
  const { h2ctl, client, connId } = connection;
  const clientFault = client ? (client.spec.fault?.id ?? null) : undefined;
  const serverFault = typeof upstream === 'object' ? (upstream.fault?.id ?? null) : undefined;
  const broken = h2ctl.flatMap(shape);
  const rows = (word: string, direction: H2ctlRecord['direction']) =>
    h2ctl.filter((record) => record.h2_event === word && record.direction === direction).length;
  const keeps = { downstream: keepsTo(clientFault), upstream: keepsTo(serverFault) };
  const path = (word: string, direction: string) => `${connId}: h2ctl ${word} from ${direction}`;
  for (const direction of ['downstream', 'upstream'] as const) {
    // A window that is used up is told in the direction that waits for it, whether or not that side has said anything.
    const spoke = h2ctl.some((record) => record.direction === direction && record.h2_event !== 'FLOW_BLOCK');
    const seen = rows('SETTINGS', direction);
    // To a preface that is none of HTTP/2 nobody answers in it.
    if (keeps[direction] && (direction === 'downstream' || keeps.downstream) && spoke && seen !== 1)
      broken.push({ path: path('SETTINGS', direction), expected: '1', seen });
    const other = direction === 'downstream' ? 'upstream' : 'downstream';
    const owed = keeps.downstream && keeps.upstream && answers[direction](connection, clientFault);
    const missing = rows('SETTINGS', other) - rows('SETTINGS_ACK', direction);
    if (owed && missing > 0)
      broken.push({ path: path('SETTINGS_ACK', direction), expected: 'one more', seen: missing });
  }
  return broken;
}

function keepsTo(fault: string | null | undefined): boolean {
  return fault === null || (fault !== undefined && !aboutSettings.test(fault));
}

/** Whether an end was there long enough: it acknowledges when it reads SETTINGS, before anything that came behind them. */
const answers: Record<
  H2ctlRecord['direction'],
  (connection: ConnectionView, fault: string | null | undefined) => boolean
> = {
  // A server that left has read nothing unless it said something; one of node:http2 that reads SETTINGS and the end at once
  // frees the connection instead.
  upstream: (connection) =>
    !leftUnanswered(connection) &&
    (metInTime(connection) || answeredByProxy(connection)) &&
    (connection.close?.closed_by !== 'upstream' ||
      told(connection.h2ctl) ||
      connection.events.some(({ response }) => response.status !== null)),
  // A raw client reads on to the end of the connection; node:http2 and grpc-js stop reading when they fail or give up.
  downstream: ({ close, events, h2ctl, client }, fault) =>
    typeof fault === 'string' ||
    (close?.closed_by === 'client' &&
      !gaveUp(client) &&
      close.term === '--' &&
      (told(h2ctl) || events.some(({ response }) => response.status !== null))),
};

/** In the place of a server the proxy acknowledges too, and it is never late. */
function answeredByProxy({ events }: ConnectionView): boolean {
  return events.some(({ local_reply }) => local_reply);
}

/** A stream reset, or an end for a reason. */
function told(h2ctl: H2ctlRecord[]): boolean {
  return h2ctl.some(
    ({ direction, h2_event, details }) =>
      direction === 'upstream' &&
      (h2_event === 'RST_STREAM' || (h2_event === 'GOAWAY' && details.error_code !== 0)),
  );
}

/** What a SETTINGS changed: a name, the value before where there is one, the value now. */
function shape(record: H2ctlRecord): Mismatch[] {
  if (!/^SETTINGS/.test(record.h2_event)) return [];
  const { changed } = record.details;
  const isChange = (item: unknown) =>
    isObject(item) &&
    typeof item.setting === 'string' &&
    typeof item.new === 'number' &&
    (item.old === null || typeof item.old === 'number') &&
    Object.keys(item).length === 3;
  return Array.isArray(changed) && changed.every(isChange)
    ? []
    : [differs(record, 'details.changed', 'a list of { setting, old, new }', changed)];
}
