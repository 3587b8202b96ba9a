import type { ConnRecord, EventRecord, H2ctlRecord, TlsRecord } from '../../protos/records/records.ts';
import type { ConnectionContext } from '../connection/context.ts';

/** The keys the log fills in itself: from the connection's context, the clock and the counter. */
type Filled =
  | 'kind'
  | 'id'
  | 'listener'
  | 'client_ip'
  | 'client_port'
  | 'upstream_addr'
  | 'conn_id'
  | 'seq'
  | 'peer_ip'
  | 'peer_port'
  | 'upstream_local';

export type ConnFields = Omit<ConnRecord, Filled>;
export type TlsFields = Omit<TlsRecord, Filled>;
/** Headers come unredacted; the log redacts before anything leaves it. `headers` maps are built by the log from raw_headers. */
export type EventFields = Omit<EventRecord, Filled>;
export type H2ctlFields = Omit<H2ctlRecord, Filled | 'ts'>;

/** Where facts become lines. Never throws, never waits. */
export type RecordLog = {
  conn(context: ConnectionContext, fields: ConnFields): void;
  tls(context: ConnectionContext, fields: TlsFields): void;
  event(context: ConnectionContext, fields: EventFields): void;
  h2ctl(context: ConnectionContext, fields: H2ctlFields): void;
  /** True while the queue is over its bound and overflow is `block`: readers of sockets should pause. */
  readonly congested: boolean;
  /** Called once when it is no longer congested. */
  onceDrained(callback: () => void): void;
};
