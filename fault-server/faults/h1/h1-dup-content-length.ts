import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1DupContentLength = h1Fault({
  id: 'h1-dup-content-length',
  summary: 'Sends two different Content-Length fields.',
  peerMustSee: 'A parse error, or the connection closed: the length cannot be known.',
  spec: 'RFC 9112 6.3',
  answer: (answer) => {
    answer.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!');
    answer.answered(200, 'hello!');
    answer.fired('Content-Length 5 and 6');
  },
});
