import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2Srv1xx = h2Fault({
  id: 'h2-srv-1xx',
  layer: 'h2',
  summary: 'Sends an interim answer before a good one.',
  peerMustSee: 'HEADERS with that status, then a good 200.',
  spec: 'RFC 9113 8.1',
  params: Type.Object(
    {
      status: Type.Integer({ default: 103, minimum: 100, maximum: 199, description: 'interim status' }),
      n: Type.Integer({ default: 1, minimum: 1, maximum: 100_000, description: 'so many times' }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    answer.fired(`${params.status} before the answer`);
    for (let sent = 0; sent < params.n; sent++)
      answer.peer.headers(answer.request.id, [
        [':status', String(params.status)],
        ['link', '</style.css>; rel=preload'],
      ]);
    answerOk(answer);
  },
});
