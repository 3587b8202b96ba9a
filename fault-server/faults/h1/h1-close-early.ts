import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1CloseEarly = h1Fault({
  id: 'h1-close-early',
  summary: 'Reads a whole request and ends the connection with FIN instead of answering.',
  peerMustSee: 'FIN before any byte of an answer.',
  spec: 'RFC 9112 9.6',
  answer: (answer) => {
    answer.fired('FIN before an answer');
    answer.connection.end();
  },
});
