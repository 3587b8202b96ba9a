import { Type } from '../../protos/schema/type.ts';
import { shapings } from '../../protos/shaping/shapings.ts';
import type { Fault } from '../faults/fault.ts';
import { plaintext } from '../faults/params.ts';
import { runH1 } from '../h1/run-h1.ts';

/** Faults of the byte stream under, or above, the TLS of a good client. With proto `raw` that client speaks HTTP/1.1. */
export const shapingFaults: readonly Fault[] = shapings.map((shaping) => ({
  id: shaping.id,
  layer: 'tcp',
  summary: shaping.summary,
  peerMustSee: shaping.peerMustSee,
  spec: shaping.spec,
  params: Type.Object({ ...shaping.params.properties, plaintext }, { additionalProperties: false }),
  run: (client, run, params) => {
    const { plaintext: isPlain, ...rest } = params;
    const fault = { id: shaping.id, params: rest };
    return runH1({ ...client, proto: 'h1', tls: isPlain ? undefined : (client.tls ?? {}), fault }, run);
  },
}));
