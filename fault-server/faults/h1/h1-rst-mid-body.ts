import { seededChunk } from '../../../protos/body/seeded-body.ts';
import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1RstMidBody = h1Fault({
  id: 'h1-rst-mid-body',
  summary: 'Announces a Content-Length, sends half of it and resets the TCP connection.',
  peerMustSee: 'An incomplete answer: 200, part of the body, TCP RST.',
  spec: 'RFC 9293 3.5.3',
  params: Type.Object(
    {
      ms: Type.Integer({
        default: 50,
        minimum: 0,
        maximum: 60_000,
        description: 'milliseconds between the half body and the reset',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const half = seededChunk(1, 0, 1000);
    answer.write('HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n');
    answer.write(half, () => {
      answer.answered(200, half);
      answer.fired('TCP RST after 1000 of 2000 bytes');
      // The bytes first: a reset drops what the peer has not read.
      const timer = setTimeout(() => answer.connection.reset(), params.ms);
      answer.connection.raw.once('close', () => clearTimeout(timer));
    });
  },
});
