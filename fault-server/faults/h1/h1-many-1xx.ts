import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1Many1xx = h1Fault({
  id: 'h1-many-1xx',
  summary: 'Sends interim answers by the thousand before a good answer.',
  peerMustSee:
    'Interim answers without end: bounded, and then a good 200, or an end for having had too many.',
  spec: 'RFC 9110 15.2',
  params: Type.Object(
    { n: Type.Integer({ default: 10_000, minimum: 1, maximum: 1_000_000, description: 'interim answers' }) },
    { additionalProperties: false },
  ),
  answer: (answer, { n }) => {
    answer.fired(`${n} times 102, then 200`);
    answer.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(n) + wholeAnswer());
    answer.answered(200, 'ok\n');
  },
});
