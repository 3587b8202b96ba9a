import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1TruncateChunked = h1Fault({
  id: 'h1-truncate-chunked',
  summary: 'Sends one chunk and ends the connection with FIN, without the last chunk.',
  peerMustSee: 'An incomplete answer: 200, one chunk, FIN without the zero chunk.',
  spec: 'RFC 9112 8',
  answer: (answer) => {
    answer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () => {
      answer.answered(200, 'hello');
      answer.fired('FIN without the last chunk');
      answer.connection.end();
    });
  },
});
