import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1Garbage = h1Fault({
  id: 'h1-garbage',
  summary: 'Answers with bytes that are no HTTP.',
  peerMustSee: 'A parse error of the status line.',
  spec: 'RFC 9112 4',
  answer: (answer) => {
    answer.fired('bytes that are no HTTP');
    answer.write('\x00\x01\x02 this is no HTTP \xfe\xff\r\n\r\n');
  },
});
