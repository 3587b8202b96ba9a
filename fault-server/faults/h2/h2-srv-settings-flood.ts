import { settings } from '../../../protos/h2/constants.ts';
import { encodeSettings } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvSettingsFlood = h2Fault({
  id: 'h2-srv-settings-flood',
  layer: 'h2',
  summary: 'Sends many SETTINGS frames before the answer.',
  peerMustSee: 'Each SETTINGS acknowledged, then a good answer; or its own defence.',
  spec: 'CVE-2019-9515',
  params: Type.Object(
    { frames: Type.Integer({ default: 50, minimum: 1, maximum: 100_000, description: 'SETTINGS frames' }) },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer } = answer;
    if (!answer.first) return answerOk(answer);
    for (let i = 0; i < params.frames; i++)
      peer.send(encodeSettings([[settings.MAX_CONCURRENT_STREAMS, 100 + i]]));
    answer.fired(`${params.frames} SETTINGS frames`);
    answerOk(answer);
  },
});
