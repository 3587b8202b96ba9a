import { Type } from '../../../protos/schema/type.ts';
import { h1Fault, wholeAnswer } from '../../raw-h1/h1-fault.ts';

export const h1SlowClose = h1Fault({
  id: 'h1-slow-close',
  summary: 'Announces the end of the connection with a whole answer, and sends FIN only after a while.',
  peerMustSee: 'A complete answer at once; the FIN later.',
  spec: 'RFC 9112 9.6',
  params: Type.Object(
    {
      ms: Type.Integer({
        default: 500,
        minimum: 0,
        maximum: 86_400_000,
        description: 'milliseconds until the FIN',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write(wholeAnswer('ok\n', 'Connection: close\r\n'));
    answer.answered(200, 'ok\n');
    answer.fired(`FIN ${params.ms} ms after the last byte`);
    const timer = setTimeout(() => answer.connection.end(), params.ms);
    answer.connection.raw.once('close', () => clearTimeout(timer));
  },
});
