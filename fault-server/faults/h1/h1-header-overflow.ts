import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1HeaderOverflow = h1Fault({
  id: 'h1-header-overflow',
  summary: 'Answers with a header field larger than any peer should take.',
  peerMustSee: 'A refusal of the head (Node: HPE_HEADER_OVERFLOW), or the whole answer.',
  spec: 'RFC 9110 5.4',
  params: Type.Object(
    {
      bytes: Type.Integer({
        default: 65_536,
        minimum: 1,
        maximum: 4_194_304,
        description: 'length of the field value',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write(wholeAnswer('ok\n', `X-Large: ${'x'.repeat(params.bytes)}\r\n`));
    answer.answered(200, 'ok\n');
    answer.fired(`a field value of ${params.bytes} bytes`);
  },
});
