import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1BadStatus = h1Fault({
  id: 'h1-bad-status',
  summary: 'Answers with a status outside 100 to 599.',
  peerMustSee: 'A status to refuse, or one to treat as 5xx; never a success.',
  spec: 'RFC 9110 15',
  params: Type.Object(
    {
      status: Type.Integer({ default: 99, minimum: 0, maximum: 999, description: 'the status on the wire' }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write(`HTTP/1.1 ${params.status} Strange\r\nContent-Length: 3\r\n\r\nok\n`);
    answer.answered(params.status, 'ok\n');
    answer.fired(`status ${params.status}`);
  },
});
