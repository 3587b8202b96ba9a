import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1Rst = h1Fault({
  id: 'h1-rst',
  summary: 'Reads a whole request and resets the TCP connection instead of answering.',
  peerMustSee: 'TCP RST before any byte of an answer.',
  spec: 'RFC 9293 3.5.3',
  answer: (answer) => {
    answer.fired('TCP RST before an answer');
    answer.connection.reset();
  },
});
