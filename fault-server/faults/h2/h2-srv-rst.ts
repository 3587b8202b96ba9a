import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvRst = h2Fault({
  id: 'h2-srv-rst',
  layer: 'h2',
  summary:
    'Resets the stream of every request with RST_STREAM, before its answer, in the middle of it or after.',
  peerMustSee: 'RST_STREAM with that code on the stream; the connection lives on.',
  spec: 'RFC 9113 6.4',
  params: Type.Object(
    {
      code: Type.Integer({
        default: 2,
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'error code (RFC 9113 7)',
      }),
      when: Type.Enum(['before_headers', 'after_headers', 'during_data', 'after_response'], {
        default: 'before_headers',
        description: 'how much of the answer comes first',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const rst = () => {
      answer.fired(`RST_STREAM ${params.code} ${params.when} on stream ${request.id}`);
      peer.rst(request.id, params.code);
    };
    if (params.when === 'before_headers') return rst();
    // RFC 9113 8.1: with NO_ERROR this asks a client that still sends for no more, and takes nothing back.
    if (params.when === 'after_response') return answerOk(answer, rst);
    peer.headers(request.id, okFields([['content-length', '2000']]));
    if (params.when === 'after_headers') rst();
    else peer.data(request.id, seededChunk(1, 0, 1000), {}, rst);
  },
});
