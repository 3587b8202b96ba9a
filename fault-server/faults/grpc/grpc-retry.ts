import { Type } from '../../../protos/schema/type.ts';
import { answerGrpc, grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcRetry = h2Fault({
  id: 'grpc-retry',
  layer: 'grpc',
  summary: 'Fails, refuses or leaves hanging the first attempts of a call and answers a later one.',
  peerMustSee:
    'The call succeeds where the client retries or hedges; its later attempts carry grpc-previous-rpc-attempts.',
  spec: 'gRPC: A6 client retries',
  params: Type.Object(
    {
      early: Type.Enum(['fail', 'refuse', 'hang'], {
        default: 'fail',
        description: 'Trailers-Only with the code; RST_STREAM REFUSED_STREAM to the first stream; nothing',
      }),
      attempts: Type.Integer({
        default: 1,
        minimum: 0,
        maximum: 100,
        description: 'attempts that are not answered well',
      }),
      code: Type.Integer({
        default: 14,
        minimum: 1,
        maximum: 16,
        description: 'grpc-status of a failed attempt',
      }),
      pushback_ms: Type.String({
        default: 'none',
        maxLength: 20,
        description: 'grpc-retry-pushback-ms: a number, -1 for never again, none',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const attempt = Number(request.field('grpc-previous-rpc-attempts') ?? 0);
    const isEarly = params.early === 'refuse' ? answer.first : attempt < params.attempts;
    answer.fired(`attempt ${attempt + 1}: ${isEarly ? params.early : 'answered'}`);
    if (!isEarly) return answerGrpc(answer);
    if (params.early === 'hang') return;
    if (params.early === 'refuse') return peer.rst(request.id, 7);
    const pushback: [string, string][] =
      params.pushback_ms === 'none' ? [] : [['grpc-retry-pushback-ms', params.pushback_ms]];
    peer.headers(request.id, [...grpcFields(), ...grpcTrailers(params.code, 'try again'), ...pushback], {
      endStream: true,
    });
  },
});
