import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1BodyAfter204 = h1Fault({
  id: 'h1-body-after-204',
  summary: 'Sends a body after 204, which has none.',
  peerMustSee: 'A complete 204; then bytes that belong to no answer.',
  spec: 'RFC 9110 15.3.5',
  answer: (answer) => {
    answer.write('HTTP/1.1 204 No Content\r\n\r\nthis is no answer\r\n\r\n');
    answer.answered(204);
    answer.fired('body bytes after 204');
  },
});
