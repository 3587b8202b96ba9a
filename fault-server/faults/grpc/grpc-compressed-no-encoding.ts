import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcCompressedNoEncoding = h2Fault({
  id: 'grpc-compressed-no-encoding',
  layer: 'grpc',
  summary: 'Marks the reply as compressed without a grpc-encoding, or with one nobody knows.',
  peerMustSee: 'The call fails with INTERNAL: the message cannot be decompressed.',
  spec: 'gRPC: compression.md',
  params: Type.Object(
    {
      encoding: Type.String({
        default: '',
        maxLength: 100,
        description: 'grpc-encoding of the answer; empty: none',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const reply = grpcReply(request);
    reply[0] = 1;
    answer.fired(`compressed flag with encoding "${params.encoding}"`);
    const encoding: [string, string][] = params.encoding === '' ? [] : [['grpc-encoding', params.encoding]];
    peer.headers(request.id, [...grpcFields(), ...encoding]);
    peer.data(request.id, reply, {}, () => peer.headers(request.id, grpcTrailers(0), { endStream: true }));
  },
});
