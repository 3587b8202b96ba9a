import { settings } from '../../../protos/h2/constants.ts';
import { encodePushPromise } from '../../../protos/h2/frames.ts';
import { answerOk, h2Fault, okFields } from '../../raw-h2/h2-fault.ts';

export const h2SrvPush = h2Fault({
  id: 'h2-srv-push',
  layer: 'h2',
  summary: 'Pushes a second resource before the answer.',
  peerMustSee: 'PUSH_PROMISE and a pushed answer, then its own answer; none where it disabled push.',
  spec: 'RFC 9113 8.4',
  answer: (answer) => {
    const { peer, request } = answer;
    if (peer.peerSettings.get(settings.ENABLE_PUSH) === 0) {
      answer.fired('the peer disabled push: none sent');
      return answerOk(answer);
    }
    const promised = answer.nextPushId();
    const block = peer.encoder.encode([
      [':method', 'GET'],
      [':scheme', request.field(':scheme') ?? 'https'],
      [':authority', request.field(':authority') ?? 'localhost'],
      [':path', '/pushed'],
    ]);
    answer.fired(`PUSH_PROMISE of stream ${promised} on stream ${request.id}`);
    peer.send(encodePushPromise(request.id, promised, block));
    peer.headers(promised, okFields([['content-length', '7']]));
    peer.data(promised, Buffer.from('pushed\n'), {}, () => peer.end(promised));
    answerOk(answer);
  },
});
