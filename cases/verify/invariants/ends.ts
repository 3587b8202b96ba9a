import type { ConnRecord, EventRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

type End = 'fin' | 'rst' | null;

/** `client_end` and `upstream_end`: a stream has ended when its FIN or RST came, and an RST ends both of its directions (RFC 9293 3.5). */
export const ends: Invariant = {
  name: 'ends',
  witness:
    'which end each client saw first; RFC 9293: behind an RST nothing comes; the causes that are the end of a stream',
  check: ({ connections }) => connections.flatMap(ofConnection),
};

/** Causes that name the end itself; `client` or `upstream`, and how. */
const namedEnds: Record<string, [side: 'client' | 'upstream', end: End]> = {
  client_eof: ['client', 'fin'],
  client_reset: ['client', 'rst'],
  proxy_empty: ['client', 'fin'],
  proxy_truncated: ['client', 'fin'],
  eof: ['client', 'fin'],
  eof_before_headers: ['upstream', 'fin'],
  truncated: ['upstream', 'fin'],
  tls_truncated: ['upstream', 'fin'],
};

/** An alert or a broken record ends a connection while both streams are still open. */
const openEnds = /^(?:client_alert|server_alert|bad_record_mac|tls_protocol_error)\b/;

function ofConnection(connection: ConnectionView): Mismatch[] {
  const { close } = connection;
  if (!close) return [];
  return [
    ...byCause(close),
    ...byOther(close),
    ...beforeTheRelay(close, connection),
    ...atTheClient(close, connection),
  ];
}

function expectEnd(close: ConnRecord, side: 'client' | 'upstream', why: string, expected: End[]): Mismatch[] {
  const seen = close[`${side}_end`];
  return expected.includes(seen)
    ? []
    : [differs(close, `${side}_end`, `${expected.map((end) => show(end)).join(' or ')}: ${why}`, seen)];
}

function byCause(close: ConnRecord): Mismatch[] {
  const word = (close.cause ?? '').split(':')[0]!;
  const named = namedEnds[word];
  if (named) return expectEnd(close, named[0], `the cause is ${word}`, [named[1]]);
  if (word === 'reset' || word === 'reset_after_done') {
    const side = close.closed_by === 'client' ? 'client' : 'upstream';
    return expectEnd(close, side, `the cause is ${word}`, ['rst']);
  }
  // An upstream's alert is answered in the client's protocol, and the client's own end awaited.
  const sides = openEnds.test(word) && close.close_reason !== 'upstream_connect_fail' ? both : [];
  return sides.flatMap((side) => expectEnd(close, side, `the cause is ${word}`, [null]));
}

const both = ['client', 'upstream'] as const;

/** A relay passes a reset on at once: behind it the other side has no stream left to end. Nor has either when the proxy broke off. */
function byOther(close: ConnRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  for (const [first, other] of [
    ['client', 'upstream'],
    ['upstream', 'client'],
  ] as const) {
    if (close.closed_by === first && close[`${first}_end`] === 'rst')
      broken.push(...expectEnd(close, other, `the ${first} reset`, [null]));
  }
  return broken;
}

/** Until both handshakes are done nothing of the upstream's is relayed, its end neither; a client that was answered ends by itself. */
function beforeTheRelay(close: ConnRecord, { events }: ConnectionView): Mismatch[] {
  const { term, closed_by } = close;
  if (closed_by !== 'proxy' && !/^[Ttp]/.test(term ?? '')) return [];
  const broken = expectEnd(close, 'upstream', 'it was never passed on', [null]);
  if (closed_by === 'proxy' && !answeredInstead(close, events))
    broken.push(...expectEnd(close, 'client', 'the proxy ended first', [null]));
  return broken;
}

function atTheClient(close: ConnRecord, { client, events }: ConnectionView): Mismatch[] {
  const mine = client?.sockets.length === 1 ? client.result?.close : undefined;
  if (!mine || mine.by === null) return [];
  if (mine.by === 'peer' && mine.peer_end === 'rst')
    return expectEnd(close, 'client', 'it was reset before it had ended', [null]);
  // RFC 9112 9.6: who answers and closes reads on until the client has closed too.
  const whole = client?.result?.exchanges.every(({ complete }) => complete) ?? false;
  if (answeredInstead(close, events) && whole && !client?.spec.fault)
    return expectEnd(
      close,
      'client',
      'it had its answer and left',
      patient(close, events) ? ['fin', null] : ['fin'],
    );
  return [];
}

/** The proxy answered because there was no upstream, and then waited for the client; at a limit it waits for nobody. */
function answeredInstead(close: ConnRecord, events: EventRecord[]): boolean {
  return (
    close.close_reason === 'upstream_connect_fail' &&
    events.some(({ local_reply, response }) => local_reply && response.status !== null)
  );
}

/** Nobody has to be waited for longer than that: a client may be slow to leave. */
const patienceSeconds = 0.9;

function patient(close: ConnRecord, events: EventRecord[]): boolean {
  return close.ts - Math.max(...events.map(({ ts_end }) => ts_end)) > patienceSeconds;
}
