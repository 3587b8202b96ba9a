import type net from 'node:net';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { shapings, type Where } from '../../protos/shaping/shapings.ts';
import { isReset, type SocketEnd } from '../connect/socket-end.ts';
import { faultParams } from '../faults/params.ts';
import type { Run } from '../run/run.ts';
import { ShapedStream } from './shaped-stream.ts';

/** Whether the fault of a spec shapes the byte stream of whatever protocol the spec speaks. */
export function isShaped(spec: ClientSpec): boolean {
  return shapings.some(({ id }) => id === spec.fault?.id);
}

/**
 * The stream with the spec's shape over it, where it has one for this place; else the stream as it is. What comes back is
 * no socket, but as much of one as protocols ask for.
 */
export function shaped(
  at: Where['at'],
  under: net.Socket,
  { spec, run, raw, end }: { spec: ClientSpec; run: Run; raw: net.Socket; end: SocketEnd },
): net.Socket {
  const shaping = shapings.find(({ id }) => id === spec.fault?.id);
  if (!shaping) return under;
  const given = faultParams({ ...shaping, layer: 'tcp', run: unused }, spec.fault?.params);
  const { direction, at: wanted } = given as Where;
  if (wanted !== at) return under;
  const says = (text: string): void => {
    run.notes.push(`${shaping.id}: ${text}`);
  };
  const atOnce = shaping.says(given);
  if (atOnce !== null) says(atOnce);
  // A wrapper does not always pass on what the kernel said of the socket below it.
  raw.on('error', (error: NodeJS.ErrnoException) => {
    if (isReset(error)) end.peer('rst');
  });
  const shapes = {
    toPeer: direction === 'from_peer' ? null : shaping.shape(given),
    fromPeer: direction === 'to_peer' ? null : shaping.shape(given),
  };
  const over = new ShapedStream(under, shapes, {
    says,
    end: (how) => {
      end.self();
      if (how === 'rst') raw.resetAndDestroy();
      else under.end();
    },
  });
  end.flushed = over.flushed;
  return over as unknown as net.Socket;
}

const unused = async (): Promise<void> => {};
