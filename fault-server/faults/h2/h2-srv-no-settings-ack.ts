import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvNoSettingsAck = h2Fault({
  id: 'h2-srv-no-settings-ack',
  layer: 'h2',
  summary: "Never acknowledges the peer's SETTINGS, and answers well.",
  peerMustSee: 'A good answer; it may give up with SETTINGS_TIMEOUT.',
  spec: 'RFC 9113 6.5.3',
  acknowledge: false,
  answer: (answer) => {
    answer.fired('an answer, and SETTINGS without acknowledgement');
    answerOk(answer);
  },
});
