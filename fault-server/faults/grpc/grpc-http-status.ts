import Type from 'typebox';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHttpStatus = h2Fault({
  id: 'grpc-http-status',
  layer: 'grpc',
  summary: 'Answers with an HTTP status and no gRPC at all.',
  peerMustSee: 'The call ends with the status that gRPC maps the HTTP status to.',
  spec: 'gRPC: http-grpc-status-mapping',
  params: Type.Object(
    { status: Type.Integer({ default: 503, minimum: 200, maximum: 599, description: 'HTTP status' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
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
