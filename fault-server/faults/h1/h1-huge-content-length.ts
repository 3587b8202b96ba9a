import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1HugeContentLength = h1Fault({
  id: 'h1-huge-content-length',
  summary: 'Announces a Content-Length beyond 2^53, sends a few bytes and FIN.',
  peerMustSee: 'A refusal of the length, or an incomplete answer; never a complete one.',
  spec: 'RFC 9110 8.6',
  params: Type.Object(
    {
      length: Type.String({
        default: '9007199254740993',
        pattern: '^[0-9]{1,40}$',
        description: 'the announced length; from 18446744073709551616 on it fits no 64 bits',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${params.length}\r\n\r\nok\n`, () => {
      answer.answered(200, 'ok\n');
      answer.fired(`3 of ${params.length} bytes`);
      answer.connection.end();
    });
  },
});
