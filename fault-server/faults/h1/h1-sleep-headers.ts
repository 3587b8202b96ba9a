import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1SleepHeaders = h1Fault({
  id: 'h1-sleep-headers',
  summary: 'Waits before a good answer.',
  peerMustSee: 'A good answer, late.',
  spec: null,
  params: Type.Object(
    { ms: Type.Integer({ default: 1000, minimum: 0, maximum: 86_400_000, description: 'milliseconds' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.fired(`the answer comes after ${params.ms} ms`);
    const timer = setTimeout(() => {
      answer.write(wholeAnswer());
      answer.answered(200, 'ok\n');
    }, params.ms);
    answer.connection.raw.once('close', () => clearTimeout(timer));
  },
});
