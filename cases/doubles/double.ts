import type { ClientCommand, ClientLine } from '../../protos/control/fault-client.ts';
import type { ServerCommand, ServerLine } from '../../protos/control/fault-server.ts';
import type { ConnectionRecord } from '../run/evidence.ts';

/** A program that is wrong in one way. The suite must turn red exactly where the double was wrong. */
export type Double = {
  name: string;
  /** What it does wrong. */
  lie: string;
  /** The defect of a real program that it stands for. */
  standsFor: string;
  /** Why no witness can know of it in the cases that `named.yaml` lists as unseen; left out where every lie must be seen. */
  unseen?: string;
  /** It leaves every case waiting to its limit: they wait at once. */
  waits?: true;
};

/**
 * What is written in place of one true record: the records to write, none where it is kept back. Records come in the
 * order the proxy wrote them; a filter is made anew for each proxy, so it may remember.
 */
export type RecordFilter = (record: ConnectionRecord) => ConnectionRecord[];

/** The real proxy relays, and a filter on its records lies. */
export type RecordDouble = Double & { filter: () => RecordFilter };

/** Which side of the proxy a socket belongs to. */
export type Side = 'client' | 'upstream';

/** What is written to one socket in place of the bytes that the proxy writes. */
export type Rewrite = {
  /** May hold bytes back until more have come. The bytes given may lie in a buffer that is used again. */
  write(bytes: Buffer): Buffer;
  /** What is still held when the proxy ends the stream. */
  end(): Buffer;
  /** Whether anything was changed so far; holding back changes nothing. */
  touched(): boolean;
};

/** The real proxy records, and its sockets do something else than it asks of them. */
export type WireDouble = Double & {
  /** Of the application bytes towards a side; null leaves them alone. */
  rewrite?: (side: Side) => Rewrite | null;
  /** Of the PROXY header towards the upstream. */
  proxyHeader?: (header: Buffer) => Buffer;
  /** The proxy's RST towards that side becomes a FIN. */
  finForRst?: Side;
};

/** One listener of the proxy's configuration, as the suite wrote it. */
export type ListenerConfig = {
  tls?: Record<string, unknown>;
  upstream: Record<string, unknown>;
  policy?: Record<string, unknown>;
  proxy_protocol?: Record<string, unknown>;
  logging: Record<string, unknown>;
};

/** The real proxy with another configuration than it was given. `change` tells whether it changed anything. */
export type ConfigurationDouble = Double & { change: (listener: ListenerConfig) => boolean };

/** The real fault-server behind a filter on its line protocol. `acted` is told the proxy's address of a connection that was lied about. */
export type ServerDouble = Double & {
  filter: (acted: (remote: string) => void) => {
    command?: (command: ServerCommand) => ServerCommand;
    line?: (line: ServerLine) => ServerLine[];
  };
};

/** The real fault-client behind a filter on its line protocol. `acted` is told the address that the client was to bind. */
export type ClientDouble = Double & {
  filter: (acted: (bind: string) => void) => {
    /** Null: the command is not passed on, and `say` answers in its place. */
    command?: (command: ClientCommand, say: (line: ClientLine) => void) => ClientCommand | null;
    line?: (line: ClientLine) => ClientLine;
  };
};
