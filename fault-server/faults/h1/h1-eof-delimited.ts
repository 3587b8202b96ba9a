import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1EofDelimited = h1Fault({
  id: 'h1-eof-delimited',
  summary: 'Sends a body with no length, ended by the end of the connection.',
  peerMustSee: 'A complete 200 that ends with FIN.',
  spec: 'RFC 9112 6.3',
  answer: (answer) => {
    const body = 'this body ends with its connection\n';
    answer.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`, () => {
      answer.answered(200, body);
      answer.fired('FIN as the end of the body');
      answer.connection.end();
    });
  },
});
