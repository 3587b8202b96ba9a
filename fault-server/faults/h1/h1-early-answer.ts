import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1EarlyAnswer = h1Fault({
  id: 'h1-early-answer',
  summary: 'Answers when the header came and does not wait for the body.',
  peerMustSee: 'A complete answer while the body is still being sent; then FIN.',
  spec: 'RFC 9112 9.3',
  params: Type.Object(
    {
      status: Type.Integer({ default: 413, minimum: 200, maximum: 599, description: 'status of the answer' }),
      // biome-ignore lint/suspicious/noThenProperty: a word of the control protocol, never a function
      then: Type.Enum(['fin', 'open'], {
        default: 'fin',
        description: 'end the connection, or stay and read the body',
      }),
    },
    { additionalProperties: false },
  ),
  atHead: (answer, params) => {
    const close = params.then === 'fin' ? 'Connection: close\r\n' : '';
    answer.write(`HTTP/1.1 ${params.status} Early\r\n${close}Content-Length: 6\r\n\r\nearly\n`);
    answer.answered(params.status, 'early\n');
    answer.fired(`${params.status} before the body`);
    if (params.then === 'fin') answer.connection.end();
  },
  answer: () => {},
});
