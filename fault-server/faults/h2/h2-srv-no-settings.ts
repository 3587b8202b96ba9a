import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvNoSettings = h2Fault({
  id: 'h2-srv-no-settings',
  layer: 'h2',
  summary: 'Sends no SETTINGS: its first frame is HEADERS.',
  peerMustSee: 'A connection error PROTOCOL_ERROR.',
  spec: 'RFC 9113 3.4',
  settings: () => null,
  acknowledge: false,
  answer: (answer) => {
    answer.fired('HEADERS as the first frame');
    answerOk(answer);
  },
});
