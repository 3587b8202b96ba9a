import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1UnsolicitedResponse = h1Fault({
  id: 'h1-unsolicited-response',
  summary: 'Sends a second answer nobody asked for after each answer.',
  peerMustSee: 'A complete 200; then an answer that belongs to no request.',
  spec: 'RFC 9112 9.2',
  answer: (answer) => {
    answer.write(wholeAnswer());
    answer.write(wholeAnswer('nobody asked for this\n'));
    answer.answered(200, 'ok\n');
    answer.fired('a second answer to one request');
  },
});
