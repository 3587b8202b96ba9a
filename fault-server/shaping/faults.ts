import { type Shaping, shapings, type Where } from '../../protos/shaping/shapings.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Fault } from '../faults/fault.ts';
import { ShapedStream } from './shaped-stream.ts';

/** Faults of the byte stream under, or above, the TLS of an endpoint whose service is good. */
export const shapingFaults: readonly Fault[] = shapings.map((shaping) => ({
  id: shaping.id,
  layer: 'tcp',
  summary: shaping.summary,
  peerMustSee: shaping.peerMustSee,
  spec: shaping.spec,
  params: shaping.params,
  stage: 'stream',
  run: (connection, params) => shape(connection, shaping, params),
}));

function shape(connection: ServerConnection, shaping: Shaping, params: Record<string, unknown>): void {
  const { direction, at } = params as Where;
  const says = (text: string) => connection.fault(shaping.id, text);
  connection.wrap(at, (under) => {
    const atOnce = shaping.says(params);
    if (atOnce !== null) says(atOnce);
    const shapes = {
      toPeer: direction === 'from_peer' ? null : shaping.shape(params),
      fromPeer: direction === 'to_peer' ? null : shaping.shape(params),
    };
    const end = (how: 'fin' | 'rst') => {
      if (how === 'rst') connection.reset();
      else connection.endBelow(under);
    };
    return new ShapedStream(under, shapes, { end, says });
  });
}
