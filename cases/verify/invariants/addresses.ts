import type { Evidence } from '../../run/evidence.ts';
import { addressOf, plainAddress, unknownPeer, unknownRemote } from '../../run/ledger.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { believedSource } from '../proxy-header.ts';

export const addresses: Invariant = {
  name: 'addresses',
  witness:
    "the configuration, the client's own socket, the PROXY header it sent, and the remote address the server saw",
  check: (view) => [
    ...unclaimed(view),
    ...view.connections.flatMap((connection) => [
      ...listenerAndUpstream(connection, view.evidence.listener.name, view.evidence.listener.upstreamAddress),
      ...peer(connection, view.instance.resetsAtOnce ?? false),
      ...strangers(connection, view.evidence),
      ...client(connection, view.evidence),
      ...upstreamLocal(connection, view.evidence.upstreamIsEndpoint),
    ]),
  ],
};

/** Each connection that the server saw is one of the records, by its address. */
function unclaimed({ connections, evidence }: CaseView): Mismatch[] {
  const joined = new Set(connections.map(({ server }) => server));
  return evidence.connections
    .filter((connection) => !joined.has(connection))
    .map(({ remote }) => ({
      path: 'upstream_local',
      expected: `${remote}, which the server saw`,
      seen: 'no record of it',
    }));
}

function listenerAndUpstream({ records }: ConnectionView, listener: string, upstream: string): Mismatch[] {
  return records.flatMap((record) => {
    const broken: Mismatch[] = [];
    if (record.listener !== listener) broken.push(differs(record, 'listener', listener, record.listener));
    const addr =
      record.kind === 'tls'
        ? record.upstream.addr
        : record.kind === 'h2ctl'
          ? upstream
          : record.upstream_addr;
    if (addr !== upstream) broken.push(differs(record, 'upstream address', upstream, addr));
    return broken;
  });
}

function peer({ records, socket }: ConnectionView, resetsAtOnce: boolean): Mismatch[] {
  const expected = socket ?? addressOf(records[0]!.peer_ip, records[0]!.peer_port);
  const known = ({ peer_ip, peer_port }: { peer_ip: string; peer_port: number }) =>
    !resetsAtOnce || addressOf(peer_ip, peer_port) !== unknownPeer;
  return records
    .filter((record) => addressOf(record.peer_ip, record.peer_port) !== expected && known(record))
    .map((record) =>
      differs(record, 'peer_ip:peer_port', expected, addressOf(record.peer_ip, record.peer_port)),
    );
}

/** A connection reset before its client heard of it is known by the address the client was told to use. */
function strangers({ records, socket }: ConnectionView, { clients }: Evidence): Mismatch[] {
  const [first] = records;
  const own = clients.some(({ spec }) => spec.bind === undefined || spec.bind === first!.peer_ip);
  const unknown = addressOf(first!.peer_ip, first!.peer_port) === unknownPeer;
  return socket !== null || own || unknown
    ? []
    : [differs(first!, 'peer_ip', "a client's address", first!.peer_ip)];
}

/** The PROXY source where a header was believed, else the peer; `wait` is written before a header is read. */
function client(connection: ConnectionView, evidence: Evidence): Mismatch[] {
  const source = believedSource(connection, evidence);
  if (source === undefined) return [];
  return connection.records.flatMap((record) => {
    const peerAddress = addressOf(record.peer_ip, record.peer_port);
    const early = record.kind === 'conn' && record.event === 'wait';
    const expected = early || source === null ? peerAddress : plainAddress(source);
    const seen = addressOf(record.client_ip, record.client_port);
    return seen === expected ? [] : [differs(record, 'client_ip:client_port', expected, seen)];
  });
}

/** Null before the proxy has dialled; the same from then on, and what the server saw. */
function upstreamLocal({ records, server, seen, close }: ConnectionView, isEndpoint: boolean): Mismatch[] {
  const broken: Mismatch[] = [];
  let known: string | null = null;
  for (const record of records) {
    if (record.kind === 'h2ctl') continue;
    const local: string | null = record.upstream_local === null ? null : plainAddress(record.upstream_local);
    if (local === null && known !== null) broken.push(differs(record, 'upstream_local', known, null));
    if (local !== null && known !== null && local !== known)
      broken.push(differs(record, 'upstream_local', known, local));
    if (local !== null && server && local !== server.remote && server.remote !== unknownRemote) {
      broken.push(differs(record, 'upstream_local', server.remote, local));
    }
    known ??= local;
  }
  if (close && isEndpoint && known !== null && !server) {
    broken.push(differs(close, 'upstream_local', 'a connection the server saw', known));
  }
  if (!isEndpoint && known !== null && close)
    broken.push(differs(close, 'upstream_local', 'null: nothing can be reached', known));
  const opened = seen.open[0];
  if (opened && close && plainAddress(opened.local) !== plainAddress(close.upstream_addr)) {
    broken.push(differs(close, 'upstream_addr', opened.local, close.upstream_addr));
  }
  return broken;
}
