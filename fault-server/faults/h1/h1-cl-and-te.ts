import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1ClAndTe = h1Fault({
  id: 'h1-cl-and-te',
  summary: 'Sends Content-Length and Transfer-Encoding together.',
  peerMustSee:
    'A parse error, or the chunked body with the connection closed after it: it is how responses are split.',
  spec: 'RFC 9112 6.1',
  answer: (answer) => {
    answer.write(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    );
    answer.answered(200, 'hello');
    answer.fired('Content-Length beside chunked');
  },
});
