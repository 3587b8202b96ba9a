import type { ExchangeResult } from '../../protos/control/fault-client.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { ConnRecord, EventRecord, H2ctlRecord, TlsRecord } from '../../protos/records/records.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { ClientEvidence, ConnectionRecord, Evidence, ServerConnection } from '../run/evidence.ts';
import { addressOf, plainAddress, unknownRemote } from '../run/ledger.ts';
import type { Mismatch } from './match.ts';

/** A rule every case must keep, whatever it wrote down; `witness` says what it compares the records with. */
export type Invariant = { name: string; witness: string; check(view: CaseView): Mismatch[] };

/** One connection of a case, from all sides. */
export type ConnectionView = {
  connId: string;
  records: ConnectionRecord[];
  conns: ConnRecord[];
  open: ConnRecord | null;
  close: ConnRecord | null;
  tlsIn: TlsRecord[];
  tlsOut: TlsRecord[];
  events: EventRecord[];
  h2ctl: H2ctlRecord[];
  /** Whose socket this is; null only for records of a connection no client reported. */
  client: ClientEvidence | null;
  socket: string | null;
  /** The client's exchanges, where its only socket was this connection; else null. */
  exchanges: ExchangeResult[] | null;
  server: ServerConnection | null;
  seen: ObservationsByWord;
};

export type ObservationsByWord = {
  [Word in ServerObservation['observation']]: Extract<ServerObservation, { observation: Word }>[];
};

export type CaseView = {
  instance: CaseInstance;
  evidence: Evidence;
  connections: ConnectionView[];
};

export function caseView(instance: CaseInstance, evidence: Evidence): CaseView {
  const byId = new Map<string, ConnectionRecord[]>();
  for (const { record } of evidence.records) {
    const list = byId.get(record.conn_id);
    if (list) list.push(record);
    else byId.set(record.conn_id, [record]);
  }
  // A port can be used again within a case: each of the server's connections is given once, in order.
  const unjoined = [...evidence.connections];
  const connections = [...byId].map(([connId, records]) =>
    connectionView(connId, records, evidence, unjoined),
  );
  return { instance, evidence, connections };
}

/** A mismatch about one record, its path led by the record's kind. */
export function differs(record: ConnectionRecord, key: string, expected: string, seen: unknown): Mismatch {
  const kind =
    record.kind === 'conn'
      ? `conn ${record.event}`
      : record.kind === 'tls'
        ? `tls ${record.side}`
        : record.kind;
  return { path: `${kind} seq ${record.seq}: ${key}`, expected, seen };
}

function connectionView(
  connId: string,
  records: ConnectionRecord[],
  evidence: Evidence,
  unjoined: ServerConnection[],
): ConnectionView {
  const conns = records.filter((record) => record.kind === 'conn');
  const tls = records.filter((record) => record.kind === 'tls');
  const peer = addressOf(records[0]!.peer_ip, records[0]!.peer_port);
  const client = evidence.clients.find(({ sockets }) => sockets.includes(peer)) ?? null;
  const local = conns.find(({ upstream_local }) => upstream_local !== null)?.upstream_local ?? null;
  const at = (address: string) => unjoined.findIndex(({ remote }) => remote === address);
  const named = local === null ? -1 : at(plainAddress(local));
  const index = local === null || named !== -1 ? named : at(unknownRemote);
  const [server = null] = index === -1 ? [] : unjoined.splice(index, 1);
  return {
    connId,
    records,
    conns,
    open: conns.find(({ event }) => event === 'open') ?? null,
    close: conns.find(({ event }) => event === 'close') ?? null,
    tlsIn: tls.filter(({ side }) => side === 'in'),
    tlsOut: tls.filter(({ side }) => side === 'out'),
    events: records.filter((record) => record.kind === 'event'),
    h2ctl: records.filter((record) => record.kind === 'h2ctl'),
    client,
    socket: client ? peer : null,
    exchanges: client?.result && client.sockets.length === 1 ? client.result.exchanges : null,
    server,
    seen: byWord(server?.observations ?? []),
  };
}

function byWord(observations: ServerObservation[]): ObservationsByWord {
  const words: ObservationsByWord = {
    open: [],
    proxy: [],
    tls: [],
    request: [],
    response: [],
    fault: [],
    peer: [],
    close: [],
  };
  for (const observation of observations)
    (words[observation.observation] as ServerObservation[]).push(observation);
  return words;
}
