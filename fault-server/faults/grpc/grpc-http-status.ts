import { Type } from '../../../protos/schema/type.ts';
import { grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHttpStatus = h2Fault({
  id: 'grpc-http-status',
  layer: 'grpc',
  summary: 'Answers with an HTTP status and no gRPC at all, or with a grpc-status beside it.',
  peerMustSee:
    'The call ends with the status that gRPC maps the HTTP status to; a grpc-status counts before it.',
  spec: 'gRPC: http-grpc-status-mapping',
  params: Type.Object(
    {
      status: Type.Integer({ default: 503, minimum: 200, maximum: 599, description: 'HTTP status' }),
      grpc_status: Type.Integer({
        default: -1,
        minimum: -1,
        maximum: 16,
        description: 'grpc-status; -1: none',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    if (params.grpc_status >= 0) {
      answer.fired(`HTTP ${params.status} with grpc-status ${params.grpc_status}`);
      const fields: [string, string][] = [
        [':status', String(params.status)],
        ['content-type', 'application/grpc'],
        ...grpcTrailers(params.grpc_status),
      ];
      return peer.headers(request.id, fields, { endStream: true });
    }
    answer.fired(`HTTP ${params.status} without grpc-status`);
    const body = Buffer.from('no gRPC here\n');
    peer.headers(request.id, [
      [':status', String(params.status)],
      ['content-type', 'text/plain'],
      ['content-length', String(body.length)],
    ]);
    peer.data(request.id, body, {}, () => peer.end(request.id));
  },
});
