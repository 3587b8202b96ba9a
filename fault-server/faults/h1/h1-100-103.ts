import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1100103 = h1Fault({
  id: 'h1-100-103',
  summary: 'Sends 100 Continue and 103 Early Hints before a good answer.',
  peerMustSee: 'Two interim answers, then a good 200.',
  spec: 'RFC 9110 15.2, RFC 8297',
  answer: (answer) => {
    answer.fired('100, then 103, then 200');
    answer.write(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n${wholeAnswer()}`,
    );
    answer.answered(200, 'ok\n');
  },
});
