import { Type } from '../../../protos/schema/type.ts';
import { grpcFields } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMessageBadPercent = h2Fault({
  id: 'grpc-message-bad-percent',
  layer: 'grpc',
  summary: 'Ends the call with a grpc-message that is no percent-encoding.',
  peerMustSee:
    'The status; the message as it came, or with its bad parts replaced, never an error of its own.',
  spec: 'gRPC over HTTP/2: Status-Message',
  params: Type.Object(
    {
      message: Type.String({
        default: '%ZZ 100% %e2%98 %',
        maxLength: 1024,
        description: 'grpc-message on the wire',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.fired(`grpc-message ${params.message}`);
    answer.peer.headers(
      answer.request.id,
      [...grpcFields(), ['grpc-status', '3'], ['grpc-message', params.message]],
      { endStream: true },
    );
  },
});
