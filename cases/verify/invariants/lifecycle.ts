import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** Causes after which no `open` is written: accept refused it, or the PROXY header was wrong. */
const beforeOpen =
  /^(allowlist_denied|connection_limit_reached|proxy_(?!internal)\w+|client_eof|client_reset|timeout)/;

export const lifecycle: Invariant = {
  name: 'lifecycle',
  witness:
    'the sockets the client reported: each is one connection, opened once and closed once, its close last',
  check: (view) => {
    const broken = view.connections.flatMap(ofConnection);
    const sockets = view.evidence.clients.flatMap((client) => client.sockets);
    if (view.connections.length !== sockets.length) {
      const expected = `${sockets.length} connections, from ${sockets.join(' ')}`;
      broken.push({ path: 'connections', expected, seen: view.connections.length });
    }
    const ids = new Set<string>();
    for (const { record } of view.evidence.records) {
      if (ids.has(record.id)) broken.push(differs(record, 'id', 'an id of its own', record.id));
      ids.add(record.id);
    }
    let last = -1;
    for (const { record } of view.evidence.records) {
      if (record.seq <= last) broken.push(differs(record, 'seq', `above ${last}`, record.seq));
      last = record.seq;
    }
    return broken;
  },
};

function ofConnection({
  conns,
  open,
  close,
  records,
  tlsIn,
  tlsOut,
  events,
  connId,
}: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  const count = (event: string) => conns.filter((record) => record.event === event).length;
  if (count('close') !== 1)
    broken.push({ path: `${connId}: conn close`, expected: '1', seen: count('close') });
  if (count('open') > 1)
    broken.push({ path: `${connId}: conn open`, expected: 'at most 1', seen: count('open') });
  if (count('wait') > 1)
    broken.push({ path: `${connId}: conn wait`, expected: 'at most 1', seen: count('wait') });
  if (close && records.at(-1) !== close)
    broken.push(differs(close, 'place', 'the last record of its connection', 'earlier'));
  const reached = tlsIn.length + tlsOut.length + events.length > 0;
  if (close && !open && (reached || !beforeOpen.test(close.cause ?? ''))) {
    broken.push(differs(close, 'conn open', 'an open record before this close', 'none'));
  }
  const first = records.find((record) => !(record.kind === 'conn' && record.event === 'wait'));
  if (open && first !== open)
    broken.push(differs(open, 'place', 'before every record but wait', first?.kind));
  return broken;
}
