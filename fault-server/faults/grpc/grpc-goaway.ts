import { encodeGoaway } from '../../../protos/h2/frames.ts';
import { answerGrpc } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcGoaway = h2Fault({
  id: 'grpc-goaway',
  layer: 'grpc',
  summary: 'Answers the first call whole and then sends GOAWAY.',
  peerMustSee: 'The call succeeds; the next one goes on a new connection.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md goaway',
  answer: (answer) => {
    const { peer, request } = answer;
    answerGrpc(answer, () => {
      answer.fired(`GOAWAY NO_ERROR, last stream ${request.id}`);
      peer.send(encodeGoaway(request.id, 0));
    });
  },
});
