import { Type } from '../../../protos/schema/type.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1304ContentLength = h1Fault({
  id: 'h1-304-content-length',
  summary: 'Answers 304 with the Content-Length of what it stands for, and on request with that body too.',
  peerMustSee: 'A complete 304 without a body; a body, where one is sent, belongs to no answer.',
  spec: 'RFC 9110 15.4.5',
  params: Type.Object(
    { body: Type.Boolean({ default: false, description: 'send a body as well' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const body = params.body ? 'not modified, and yet sent\r\n\r\n' : '';
    answer.write(`HTTP/1.1 304 Not Modified\r\nContent-Length: 4096\r\nETag: "1"\r\n\r\n${body}`);
    answer.answered(304);
    answer.fired(`304 with Content-Length 4096 and ${body.length} bytes of body`);
  },
});
