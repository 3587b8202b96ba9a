import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1ChunkNoCrlf = h1Fault({
  id: 'h1-chunk-no-crlf',
  summary: 'Sends a chunk whose data is not followed by CRLF.',
  peerMustSee: '200, the first chunk, then a parse error; never a complete answer.',
  spec: 'RFC 9112 7.1',
  answer: (answer) => {
    answer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX5\r\nworld\r\n0\r\n\r\n');
    answer.answered(200, 'hello');
    answer.fired('"XX" in place of CRLF after a chunk');
  },
});
