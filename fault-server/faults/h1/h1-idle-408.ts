import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1Idle408 = h1Fault({
  id: 'h1-idle-408',
  summary: 'Answers well, and later sends 408 and FIN on the idle connection: the race of keep-alive.',
  peerMustSee:
    'A complete 200; then a 408 that answers no request, and FIN. A request sent meanwhile may be repeated.',
  spec: 'RFC 9110 15.5.9',
  params: Type.Object(
    {
      ms: Type.Integer({
        default: 50,
        minimum: 0,
        maximum: 86_400_000,
        description: 'milliseconds after the answer',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write(wholeAnswer());
    answer.answered(200, 'ok\n');
    const timer = setTimeout(() => {
      answer.fired('408 and FIN on an idle connection');
      answer.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      answer.connection.end();
    }, params.ms);
    answer.connection.raw.once('close', () => clearTimeout(timer));
  },
});
