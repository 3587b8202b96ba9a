import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1WrongEncoding = h1Fault({
  id: 'h1-wrong-encoding',
  summary: 'Says Content-Encoding: gzip of a body that is none.',
  peerMustSee: 'A complete 200 whose content cannot be decoded.',
  spec: 'RFC 9110 8.4',
  answer: (answer) => {
    const body = 'this is no gzip\n';
    answer.write(wholeAnswer(body, 'Content-Encoding: gzip\r\n'));
    answer.answered(200, body);
    answer.fired('plain text as gzip');
  },
});
