import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcStatusInvalid = h2Fault({
  id: 'grpc-status-invalid',
  layer: 'grpc',
  summary: 'Sends the reply and a grpc-status that is no status.',
  peerMustSee: 'The call fails, or ends with a number that is none of 0 to 16; never with OK.',
  spec: 'gRPC over HTTP/2: Status',
  params: Type.Object(
    {
      value: Type.String({
        default: 'abc',
        maxLength: 100,
        description: 'grpc-status on the wire: abc, 99, 007, -1',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), {}, () => {
      answer.fired(`grpc-status "${params.value}"`);
      peer.headers(request.id, [['grpc-status', params.value]], { endStream: true });
    });
  },
});
