import { settings } from '../../../protos/h2/constants.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvZeroWindow = h2Fault({
  id: 'h2-srv-zero-window',
  layer: 'h2',
  summary: 'Announces an initial window of 0 and never gives credit: no request body can come.',
  peerMustSee: 'Requests without a body are answered; a body never leaves; its own timeout.',
  spec: 'RFC 9113 6.9.2',
  settings: () => [[settings.INITIAL_WINDOW_SIZE, 0]],
  credit: false,
  atHead: (answer) => answer.fired('a request meets a window of 0'),
  answer: (answer) => {
    answerOk(answer);
  },
});
