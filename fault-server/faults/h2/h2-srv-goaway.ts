import { encodeGoaway } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvGoaway = h2Fault({
  id: 'h2-srv-goaway',
  layer: 'h2',
  summary: 'Answers the first request with GOAWAY, and then ends, stays or serves.',
  peerMustSee:
    'GOAWAY with that code, last stream and debug data; requests above the last stream may be retried.',
  spec: 'RFC 9113 6.8',
  params: Type.Object(
    {
      code: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'error code (RFC 9113 7)',
      }),
      last_stream_id: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 2_147_483_647,
        description: 'the last stream it says it has seen',
      }),
      // biome-ignore lint/suspicious/noThenProperty: a word of the control protocol, never a function
      then: Type.Enum(['fin', 'open', 'serve'], {
        default: 'fin',
        description: 'what follows: FIN, silence, or the answer',
      }),
      debug: Type.String({ default: '', maxLength: 1024, description: 'debug data' }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    if (!answer.first) return params.then === 'serve' ? answerOk(answer) : undefined;
    answer.fired(`GOAWAY ${params.code}, last stream ${params.last_stream_id}, then ${params.then}`);
    peer.send(encodeGoaway(params.last_stream_id, params.code, params.debug));
    if (params.then === 'serve') answerOk(answer);
    else if (params.then === 'fin') peer.connection.end();
    else peer.finished(request.id);
  },
});
