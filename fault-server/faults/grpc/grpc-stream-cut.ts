import { encodePing } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcStreamCut = h2Fault({
  id: 'grpc-stream-cut',
  layer: 'grpc',
  summary: 'Sends some whole messages and half of another, and cuts the stream or the connection.',
  peerMustSee: 'The whole messages, then UNAVAILABLE, or the status of the RST_STREAM; never OK.',
  spec: 'gRPC over HTTP/2: Errors',
  params: Type.Object(
    {
      how: Type.Enum(['rst_stream', 'fin', 'rst'], {
        default: 'fin',
        description: 'RST_STREAM, or the end of TCP',
      }),
      n: Type.Integer({ default: 1, minimum: 0, maximum: 1000, description: 'whole messages first' }),
      code: Type.Integer({
        default: 2,
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'error code of RST_STREAM',
      }),
      ms: Type.Integer({
        default: 5000,
        minimum: 0,
        maximum: 60_000,
        description:
          'milliseconds before a TCP reset where the PING behind the messages stays unacknowledged',
      }),
    },
    { additionalProperties: false },
  ),
  pingAck: ({ peer }) => peer.reset(),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const reply = grpcReply(request);
    const half = reply.subarray(0, Math.max(1, reply.length >> 1));
    peer.headers(request.id, grpcFields());
    peer.data(request.id, Buffer.concat([...Array.from({ length: params.n }, () => reply), half]), {}, () => {
      answer.fired(`${params.how} after ${params.n} messages and a half`);
      if (params.how === 'rst_stream') return peer.rst(request.id, params.code);
      if (params.how === 'fin') return peer.connection.end();
      // The bytes first: a reset drops what the peer has not read. It has read them when it acknowledges what came behind them.
      peer.send(encodePing());
      const timer = setTimeout(() => peer.reset(), params.ms);
      peer.connection.raw.once('close', () => clearTimeout(timer));
    });
  },
});
