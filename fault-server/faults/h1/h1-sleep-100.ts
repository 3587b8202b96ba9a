import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1Sleep100 = h1Fault({
  id: 'h1-sleep-100',
  summary: 'Sends 100 Continue only after a while, and then a good answer to the body.',
  peerMustSee: '100, then 200: the body sent once, before or after the 100.',
  spec: 'RFC 9110 10.1.1',
  params: Type.Object(
    {
      ms: Type.Integer({
        default: 50,
        minimum: 0,
        maximum: 86_400_000,
        description: 'milliseconds until the 100',
      }),
    },
    { additionalProperties: false },
  ),
  atHead: (answer, params) => {
    const timer = setTimeout(() => {
      answer.fired(`100 after ${params.ms} ms`);
      answer.write('HTTP/1.1 100 Continue\r\n\r\n');
    }, params.ms);
    answer.connection.raw.once('close', () => clearTimeout(timer));
  },
  answer: (answer) => {
    answer.write(wholeAnswer());
    answer.answered(200, 'ok\n');
  },
});
