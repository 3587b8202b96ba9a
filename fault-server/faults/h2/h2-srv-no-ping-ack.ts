import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvNoPingAck = h2Fault({
  id: 'h2-srv-no-ping-ack',
  layer: 'h2',
  summary: 'Answers every request, and no PING.',
  peerMustSee: 'A good answer; its keepalive, where it has one, fails.',
  spec: 'RFC 9113 6.7',
  ping: (answer) => {
    answer.fired('PING without acknowledgement');
    return false;
  },
  answer: (answer) => answerOk(answer),
});
