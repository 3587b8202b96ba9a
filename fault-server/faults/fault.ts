import type { Static, TObject } from 'typebox';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import type { Identities } from '../endpoints/identities.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';

export type FaultLayer = 'tcp' | 'tls' | 'h1' | 'h2' | 'grpc';

/** What of a request its limits are judged by: what the peer has sent on the connection, its header included. */
export type RequestFacts = { path: string; bytes: number; frames: number };

/** Where a fault runs, for one that does the endpoint's TLS itself, and which requests it is for. */
export type FaultSetting = {
  endpoint: EndpointSpec;
  identities: Identities;
  /** Whether a request meets the fault; asked by faults with `perRequest` when its header is there. */
  chooses(request: RequestFacts): boolean;
};

export type Fault = {
  /** Stable id, the name of its file. */
  id: string;
  layer: FaultLayer;
  /** What this server does, one sentence. */
  summary: string;
  /** JSON Schema of its parameters, each with a default. */
  params: TObject;
  /** What a correct peer must see. */
  peerMustSee: string;
  /** The rule it breaks or uses: RFC section, CVE, document; null where there is none. */
  spec: string | null;
  /**
   * When it takes the connection over. `accept`: at once, before any byte is read. `bytes`: after the PROXY header,
   * below TLS. `app`: above TLS where the endpoint has it. `stream`: like `bytes`, but it only wraps the stream that the
   * endpoint's service goes on with.
   */
  stage: 'accept' | 'bytes' | 'app' | 'stream';
  /** It is met by each request of this protocol on its own: the others of the connection can be answered well. */
  perRequest?: 'h1' | 'h2';
  run(connection: ServerConnection, params: Record<string, unknown>, setting: FaultSetting): void;
  /** A fault of the listening socket itself: opens it in place of the usual one. */
  listen?(
    endpoint: EndpointSpec,
    params: Record<string, unknown>,
  ): Promise<{ port: number; close: () => Promise<void> }>;
};

/** Declares a fault with its parameters typed from their schema. */
export function fault<P extends TObject>(
  declared: Omit<Fault, 'params' | 'run' | 'listen'> & {
    params: P;
    run(connection: ServerConnection, params: Static<P>, setting: FaultSetting): void;
    listen?(endpoint: EndpointSpec, params: Static<P>): Promise<{ port: number; close: () => Promise<void> }>;
  },
): Fault {
  return declared as unknown as Fault;
}
