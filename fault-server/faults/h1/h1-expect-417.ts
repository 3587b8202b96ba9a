import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1Expect417 = h1Fault({
  id: 'h1-expect-417',
  summary: 'Answers any expectation with 417.',
  peerMustSee: '417 before any body was sent; the request may be repeated without Expect.',
  spec: 'RFC 9110 15.5.18',
  atHead: (answer) => {
    if (!answer.request.headers.some(([name]) => name.toLowerCase() === 'expect')) return;
    answer.write('HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    answer.answered(417);
    answer.fired('417 to Expect');
    answer.connection.end();
  },
  answer: (answer) => {
    if (answer.connection.stream.writableEnded) return;
    answer.write(wholeAnswer());
    answer.answered(200, 'ok\n');
    answer.fired('200 to a request without Expect');
  },
});
