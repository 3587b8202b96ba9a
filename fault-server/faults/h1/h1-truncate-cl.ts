import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1TruncateCl = h1Fault({
  id: 'h1-truncate-cl',
  summary: 'Announces a Content-Length, sends half of it and ends the connection with FIN.',
  peerMustSee: 'An incomplete answer: 200, half of the body, FIN.',
  spec: 'RFC 9112 8',
  params: Type.Object(
    {
      bytes: Type.Integer({
        default: 2000,
        minimum: 2,
        maximum: 100_000_000,
        description: 'announced length',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const half = seededChunk(1, 0, params.bytes >> 1);
    answer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${params.bytes}\r\n\r\n`);
    answer.write(half, () => {
      answer.answered(200, half);
      answer.fired(`FIN after ${half.length} of ${params.bytes} bytes`);
      answer.connection.end();
    });
  },
});
