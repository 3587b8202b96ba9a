import { encodePing } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvPingFlood = h2Fault({
  id: 'h2-srv-ping-flood',
  layer: 'h2',
  summary: 'Sends many PING frames before the answer.',
  peerMustSee: 'Each PING acknowledged, then a good answer; or its own defence.',
  spec: 'CVE-2019-9512',
  params: Type.Object(
    { frames: Type.Integer({ default: 50, minimum: 1, maximum: 100_000, description: 'PING frames' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    if (!answer.first) return answerOk(answer);
    for (let i = 0; i < params.frames; i++) answer.peer.send(encodePing());
    answer.fired(`${params.frames} PING frames`);
    answerOk(answer);
  },
});
