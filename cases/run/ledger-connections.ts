/** The two sides of one connection, as a ledger holds them, and how they are told apart where one port is used again. */
import type { ClaimedRecord, ConnectionRecord, ServerConnection } from './evidence.ts';

export type Claim = {
  owner: string;
  client: string;
  socket: string;
  connection: Connection | null;
  /** Known by its source address only, until the client reports the socket. */
  bySource: boolean;
};

export type Connection = {
  connId: string;
  /** Also the name of the endpoint behind it. */
  listener: string;
  peer: string;
  records: ClaimedRecord[];
  closed: boolean;
  /** Epoch seconds, as the proxy tells it. */
  openedAt: number;
  closedAt: number;
  /** Whether a client or the proxy reset it, so that the server may have met it without an address. */
  reset: boolean;
  upstreamLocal: string | null;
  claim: Claim | null;
  server: OwnedServerConnection | null;
};

export type OwnedServerConnection = ServerConnection & { connection: Connection | null };

/** Of one endpoint and one port of the proxy's towards it: connections that wait for the other side, and those that have it. */
export type AtAddress = { waiting: Connection[]; server: OwnedServerConnection[]; joined: Connection[] };

export function newConnection(record: ConnectionRecord, peer: string): Connection {
  return {
    connId: record.conn_id,
    listener: record.listener,
    peer,
    records: [],
    closed: false,
    openedAt: Number.NEGATIVE_INFINITY,
    closedAt: Number.POSITIVE_INFINITY,
    reset: false,
    upstreamLocal: null,
    claim: null,
    server: null,
  };
}

/** Of the connections of one port the one that a server's connection is: first one that was there, then one that has none yet. */
export function joinable(waiting: Connection[], server: OwnedServerConnection): Connection | undefined {
  return (
    waiting.find((one) => !endedBefore(one, server, 0)) ??
    waiting.find((one) => one.server === null) ??
    waiting.find((one) => !endedBefore(one, server, latenessSeconds))
  );
}

/** A connection may end before a busy server accepts it; so long after its end, its port has been used again. */
const latenessSeconds = 5;

/** Whether the server accepted a connection more than that after this one's end. */
export function endedBefore(
  { closedAt }: Connection,
  server: OwnedServerConnection,
  seconds: number,
): boolean {
  return acceptedAt(server) > closedAt + seconds;
}

/** Epoch seconds, as the server tells it. */
export function acceptedAt({ observations }: OwnedServerConnection): number {
  return observations[0]?.ts ?? 0;
}
