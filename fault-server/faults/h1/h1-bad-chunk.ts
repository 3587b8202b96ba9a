import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1BadChunk = h1Fault({
  id: 'h1-bad-chunk',
  summary: 'Sends a chunked answer whose second chunk size is no number.',
  peerMustSee: '200, the first chunk, then a parse error; never a complete answer.',
  spec: 'RFC 9112 7.1',
  answer: (answer) => {
    answer.write(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n',
    );
    answer.answered(200, 'hello');
    answer.fired('chunk size "zz"');
  },
});
