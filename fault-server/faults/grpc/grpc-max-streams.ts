import { settings } from '../../../protos/h2/constants.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerGrpc } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMaxStreams = h2Fault({
  id: 'grpc-max-streams',
  layer: 'grpc',
  summary: 'Announces SETTINGS_MAX_CONCURRENT_STREAMS and answers well.',
  peerMustSee: 'All calls succeed, never more than that many at once.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md max_streams',
  params: Type.Object(
    { n: Type.Integer({ default: 1, minimum: 0, maximum: 2_147_483_647, description: 'streams at once' }) },
    { additionalProperties: false },
  ),
  settings: (params) => [[settings.MAX_CONCURRENT_STREAMS, params.n]],
  atHead: (answer, params) => {
    const { open } = answer.peer;
    answer.fired(`${open} of ${params.n} streams open${open > params.n ? ': limit exceeded' : ''}`);
  },
  answer: (answer) => {
    // Answered a turn later, so that calls sent together are open together.
    setImmediate(() => answerGrpc(answer));
  },
});
