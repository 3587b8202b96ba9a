import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcTruncatedPrefix = h2Fault({
  id: 'grpc-truncated-prefix',
  layer: 'grpc',
  summary: 'Sends the start of a message prefix, then ends well with grpc-status 0.',
  peerMustSee: 'The call fails: the message never came.',
  spec: 'gRPC over HTTP/2: Length-Prefixed-Message',
  params: Type.Object(
    { bytes: Type.Integer({ default: 3, minimum: 1, maximum: 4, description: 'bytes of the prefix' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    peer.headers(request.id, grpcFields());
    peer.data(request.id, Buffer.from([0, 0, 0, 0]).subarray(0, params.bytes), {}, () => {
      answer.fired(`${params.bytes} of the 5 bytes of a prefix, then grpc-status 0`);
      peer.headers(request.id, grpcTrailers(0), { endStream: true });
    });
  },
});
