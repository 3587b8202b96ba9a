import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import type { AnyRecord, MetaRecord } from '../../protos/records/records.ts';
import type { Correlation } from '../foreign/foreign-ledger.ts';
import type { ListenerSettings } from '../plan/plan.ts';
import type { Measurement } from './measured/measurement.ts';

export type ConnectionRecord = Exclude<AnyRecord, MetaRecord>;

/** One line of the proxy's file, with where it stood. `raw`: as written, where `record` is more than that. */
export type ClaimedRecord = { record: ConnectionRecord; line: number; raw?: Record<string, unknown> };

export type ClientEvidence = {
  name: string;
  spec: ClientSpec;
  /** `ip:port` of every socket, in the order they connected. */
  sockets: string[];
  result: ClientResult | null;
  refused: string | null;
};

/** What the fault-server saw of one connection of the proxy. */
export type ServerConnection = { conn: number; remote: string; observations: ServerObservation[] };

/** All that is known of one attempt of one case, from the proxy and from its two independent witnesses. */
export type Evidence = {
  clients: ClientEvidence[];
  records: ClaimedRecord[];
  connections: ServerConnection[];
  listener: { name: string; host: string; port: number; config: ListenerSettings; upstreamAddress: string };
  /** Whether an endpoint was there to be reached at all. */
  upstreamIsEndpoint: boolean;
  /** Epoch milliseconds from before the first socket until everything was settled. */
  window: { startMs: number; endMs: number };
  /** Of an isolated case: the exit code of its proxy. */
  proxyExitCode: number | null;
  /** Of a case that says what the proxy may cost. */
  measurement?: Measurement;
  /** Of a proxy whose records are those of 1.50: how its connections were given to the clients. */
  correlation?: Correlation;
  /** The same without the proxy, or why there is no such thing; absent when nobody asked. */
  direct?: DirectEvidence | DirectAbsent;
};

/** What the case's clients saw and were seen doing with no proxy between them and an endpoint of the same kind and fault. */
export type DirectEvidence = {
  /** `host:port` of that endpoint. */
  target: string;
  /** Whether the proxied client's leg, the proxied upstream's and the only one of these connections speak TLS. */
  tls: { client: boolean; upstream: boolean; direct: boolean };
  /** One, and more where the first was not like the case: what of it is not always the same without the proxy either. */
  looks: DirectLook[];
};

export type DirectLook = {
  sides: { client: ClientEvidence; connections: ServerConnection[] }[];
  /** What had not been told in time, in words. */
  missing: string[];
};

/** `group` is the same for all cases of a kind, `reason` may be the case's own words. */
export type DirectAbsent = { group: string; reason: string };
