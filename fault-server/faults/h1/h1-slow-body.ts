import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1SlowBody = h1Fault({
  id: 'h1-slow-body',
  summary: 'Sends the body byte by byte with a pause before each.',
  peerMustSee: 'A good answer, slowly; a timeout only where a pause exceeds it.',
  spec: null,
  params: Type.Object(
    {
      bytes: Type.Integer({ default: 10, minimum: 1, maximum: 1_000_000, description: 'length of the body' }),
      every_ms: Type.Integer({
        default: 100,
        minimum: 1,
        maximum: 3_600_000,
        description: 'milliseconds before each byte',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const body = seededChunk(1, 0, params.bytes);
    answer.fired(`${params.bytes} bytes, one each ${params.every_ms} ms`);
    answer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${params.bytes}\r\n\r\n`);
    let sent = 0;
    const timer = setInterval(() => {
      answer.write(body.subarray(sent, sent + 1));
      sent += 1;
      if (sent < body.length) return;
      clearInterval(timer);
      answer.answered(200, body);
    }, params.every_ms);
    answer.connection.raw.once('close', () => clearInterval(timer));
  },
});
