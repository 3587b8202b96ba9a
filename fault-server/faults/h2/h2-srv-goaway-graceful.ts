import { encodeGoaway, encodePing } from '../../../protos/h2/frames.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvGoawayGraceful = h2Fault({
  id: 'h2-srv-goaway-graceful',
  layer: 'h2',
  summary:
    'Shuts down in two steps: GOAWAY with the highest stream, PING, the answer, GOAWAY with the real last stream, FIN.',
  peerMustSee: 'The request answered whole, two GOAWAY NO_ERROR, then FIN.',
  spec: 'RFC 9113 6.8',
  answer: (answer) => {
    const { peer, request } = answer;
    if (answer.first) {
      answer.fired('GOAWAY 2147483647, then the answer, then GOAWAY of the last stream and FIN');
      peer.send(encodeGoaway(0x7fff_ffff, 0));
      peer.send(encodePing());
    }
    answerOk(answer, () => {
      peer.send(encodeGoaway(request.id, 0));
      peer.connection.end();
    });
  },
});
