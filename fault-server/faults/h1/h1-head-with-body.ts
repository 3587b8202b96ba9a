import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1HeadWithBody = h1Fault({
  id: 'h1-head-with-body',
  summary: 'Answers with the body even to HEAD.',
  peerMustSee: 'To HEAD: a complete 200; then bytes that belong to no answer.',
  spec: 'RFC 9110 9.3.2',
  answer: (answer) => {
    answer.write(wholeAnswer('body of a HEAD answer\n'));
    answer.answered(200, 'body of a HEAD answer\n');
    answer.fired(`body sent to ${answer.request.method}`);
  },
});
