import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tcpAcceptRst = fault({
  id: 'tcp-accept-rst',
  layer: 'tcp',
  summary: 'Accepts and resets the connection without reading.',
  peerMustSee: 'Connected, then TCP RST without a byte.',
  spec: 'RFC 9293 3.5.3',
  stage: 'accept',
  params: Type.Object(
    {
      ms: Type.Integer({
        default: 20,
        minimum: 0,
        maximum: 60_000,
        description: "milliseconds until a reset by time; at 0 it may overtake the end of the peer's connect",
      }),
      wait_for: Type.Enum(['time', 'bytes'], {
        default: 'time',
        description: 'what it waits for: that time, or the first bytes, however long they take',
      }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    const reset = () => {
      connection.fault('tcp-accept-rst', 'TCP RST after accept');
      connection.reset();
    };
    if (params.wait_for === 'bytes') {
      connection.raw.once('readable', reset);
      return;
    }
    const timer = setTimeout(reset, params.ms);
    connection.raw.once('close', () => clearTimeout(timer));
  },
});
