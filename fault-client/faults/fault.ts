import type { Static, TObject } from 'typebox';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { Run } from '../run/run.ts';

export type FaultLayer = 'proxy' | 'tcp' | 'tls' | 'h1' | 'h2' | 'grpc';

export type Fault = {
  /** Stable id. */
  id: string;
  layer: FaultLayer;
  /** What this client does, one sentence. */
  summary: string;
  /** JSON Schema of its parameters, each with a default. */
  params: TObject;
  /** What a correct peer must see. */
  peerMustSee: string;
  /** The rule it breaks or uses: RFC section, CVE, document; null where there is none. */
  spec: string | null;
  run(client: ClientSpec, run: Run, params: Record<string, unknown>): Promise<void>;
};

/** Declares a fault with its parameters typed from their schema. */
export function fault<P extends TObject>(
  declared: Omit<Fault, 'params' | 'run'> & {
    params: P;
    run(client: ClientSpec, run: Run, params: Static<P>): Promise<void>;
  },
): Fault {
  return declared as unknown as Fault;
}
