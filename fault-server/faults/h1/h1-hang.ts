import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1Hang = h1Fault({
  id: 'h1-hang',
  summary: 'Reads a whole request and never answers.',
  peerMustSee: 'No byte of an answer; its own timeout.',
  spec: null,
  answer: (answer) => {
    answer.fired(`${answer.request.method} ${answer.request.path} stays unanswered`);
  },
});
