import Type from 'typebox';
import { settings } from '../../../protos/h2/constants.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvMaxStreams = h2Fault({
  id: 'h2-srv-max-streams',
  layer: 'h2',
  summary: 'Announces SETTINGS_MAX_CONCURRENT_STREAMS and answers well.',
  peerMustSee: 'Never more than that many requests at once; all of them answered.',
  spec: 'RFC 9113 5.1.2',
  params: Type.Object(
    { n: Type.Integer({ default: 1, minimum: 0, maximum: 2_147_483_647, description: 'streams at once' }) },
    { additionalProperties: false },
  ),
  settings: (params) => [[settings.MAX_CONCURRENT_STREAMS, params.n]],
  atHead: (answer, params) => {
    const { open } = answer.peer;
    answer.fired(`${open} of ${params.n} streams open${open > params.n ? ': limit exceeded' : ''}`);
  },
  answer: (answer) => {
    // Answered a turn later, so that requests sent together are open together.
    setImmediate(() => answerOk(answer));
  },
});
