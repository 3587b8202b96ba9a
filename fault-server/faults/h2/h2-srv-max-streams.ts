import { errorCodes, settings } from '../../../protos/h2/constants.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvMaxStreams = h2Fault({
  id: 'h2-srv-max-streams',
  layer: 'h2',
  summary:
    'Announces SETTINGS_MAX_CONCURRENT_STREAMS and answers well; what is beyond it too, or by RST_STREAM.',
  peerMustSee: 'Never more than that many requests at once; all of them answered.',
  spec: 'RFC 9113 5.1.2',
  params: Type.Object(
    {
      n: Type.Integer({ default: 1, minimum: 0, maximum: 2_147_483_647, description: 'streams at once' }),
      refuse: Type.Boolean({ default: false, description: 'reset the streams beyond, REFUSED_STREAM' }),
    },
    { additionalProperties: false },
  ),
  settings: (params) => [[settings.MAX_CONCURRENT_STREAMS, params.n]],
  atHead: (answer, params) => {
    const { open } = answer.peer;
    answer.fired(`${open} of ${params.n} streams open${open > params.n ? ': limit exceeded' : ''}`);
    if (params.refuse && open > params.n) answer.peer.rst(answer.request.id, errorCodes.REFUSED_STREAM);
  },
  answer: (answer) => {
    if (answer.request.closed) return;
    // Answered a turn later, so that requests sent together are open together.
    setImmediate(() => answerOk(answer));
  },
});
