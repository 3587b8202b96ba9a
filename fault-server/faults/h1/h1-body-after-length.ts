import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1BodyAfterLength = h1Fault({
  id: 'h1-body-after-length',
  summary: 'Sends more body than its Content-Length says.',
  peerMustSee: 'A complete 200 of 3 bytes; then bytes that belong to no answer.',
  spec: 'RFC 9112 9.2',
  answer: (answer) => {
    answer.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\nand more than was announced\r\n\r\n');
    answer.answered(200, 'ok\n');
    answer.fired('31 bytes after the body');
  },
});
