import { encodeGoaway } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcGoawayRefuse = h2Fault({
  id: 'grpc-goaway-refuse',
  layer: 'grpc',
  summary: 'Answers the first call of a connection with GOAWAY below it, and keeps the connection.',
  peerMustSee:
    'The call was not processed and may be tried again on a new connection; UNAVAILABLE or its own deadline otherwise.',
  spec: 'RFC 9113 6.8',
  params: Type.Object(
    {
      code: Type.Integer({ default: 0, minimum: 0, maximum: 4_294_967_295, description: 'error code' }),
      debug: Type.String({ default: '', maxLength: 1024, description: 'debug data' }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    if (!answer.first) return;
    answer.fired(`GOAWAY ${params.code}, last stream 0`);
    answer.peer.send(encodeGoaway(0, params.code, params.debug));
  },
});
