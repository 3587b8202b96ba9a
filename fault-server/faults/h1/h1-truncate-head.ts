import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1TruncateHead = h1Fault({
  id: 'h1-truncate-head',
  summary: 'Ends the connection in the middle of the header of the answer.',
  peerMustSee: 'No answer: the head never came whole.',
  spec: 'RFC 9112 8',
  params: Type.Object(
    {
      how: Type.Enum(['fin', 'rst'], { default: 'fin', description: 'how it ends' }),
      ms: Type.Integer({
        default: 50,
        minimum: 0,
        maximum: 60_000,
        description: 'milliseconds before a reset',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le', () => {
      answer.fired(`${params.how} inside the header`);
      if (params.how === 'fin') return answer.connection.end();
      // The bytes first: a reset drops what the peer has not read.
      const timer = setTimeout(() => answer.connection.reset(), params.ms);
      answer.connection.raw.once('close', () => clearTimeout(timer));
    });
  },
});
