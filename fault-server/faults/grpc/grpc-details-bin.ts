import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcDetailsBin = h2Fault({
  id: 'grpc-details-bin',
  layer: 'grpc',
  summary: 'Ends the call with binary error details: good, padded, listed or not base64 at all.',
  peerMustSee: 'The status; bad details are dropped or told as bad, never an end of the connection.',
  spec: 'gRPC over HTTP/2: Binary-Header',
  params: Type.Object(
    {
      form: Type.Enum(['plain', 'padded', 'comma_list', 'invalid'], {
        default: 'plain',
        description: 'how it is encoded',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.fired(`grpc-status-details-bin ${params.form}`);
    const details: [string, string] = ['grpc-status-details-bin', forms[params.form]];
    answer.peer.headers(answer.request.id, [...grpcFields(), ...grpcTrailers(3, 'see details'), details], {
      endStream: true,
    });
  },
});

/** A google.rpc.Status { code: 3, message: "details" } in base64; a list joins two values of one name. */
const forms = {
  plain: 'CAMSB2RldGFpbHM',
  padded: 'CAMSB2RldGFpbHM=',
  comma_list: 'CAMSB2RldGFpbHM,CAMSB2RldGFpbHM',
  invalid: '!!! no base64 !!!',
};
