import { encodeGoaway, encodePing } from '../../../protos/h2/frames.ts';
import { answerGrpc } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMaxAge = h2Fault({
  id: 'grpc-max-age',
  layer: 'grpc',
  summary:
    'Lets a connection grow too old: GOAWAY of the highest stream and PING, the answer, GOAWAY of the last stream, FIN.',
  peerMustSee: 'The call succeeds; the next one goes on a new connection.',
  spec: 'gRPC: A9 server-side connection management',
  answer: (answer) => {
    const { peer, request } = answer;
    if (answer.first) {
      answer.fired('GOAWAY 2147483647 max_age, the answer, GOAWAY of the last stream, FIN');
      peer.send(encodeGoaway(0x7fff_ffff, 0, 'max_age'));
      peer.send(encodePing());
    }
    answerGrpc(answer, () => {
      peer.send(encodeGoaway(request.id, 0, 'max_age'));
      peer.connection.end();
    });
  },
});
