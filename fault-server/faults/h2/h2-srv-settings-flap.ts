import { settings } from '../../../protos/h2/constants.ts';
import { encodeSettings } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvSettingsFlap = h2Fault({
  id: 'h2-srv-settings-flap',
  layer: 'h2',
  summary:
    'Changes its window, table and concurrency again and again while requests run, last to the usual values.',
  peerMustSee: 'Each change in turn; every request still answered.',
  spec: 'RFC 9113 6.5.3, 6.9.2',
  params: Type.Object(
    { times: Type.Integer({ default: 5, minimum: 1, maximum: 1000, description: 'changes there and back' }) },
    { additionalProperties: false },
  ),
  atHead: (answer, params) => {
    if (!answer.first) return;
    answer.fired(`${params.times} changes of SETTINGS there and back`);
    for (let i = 0; i < params.times; i++) {
      answer.peer.send(encodeSettings(NARROW));
      answer.peer.send(encodeSettings(WIDE));
    }
  },
  answer: (answer) => answerOk(answer),
});

const NARROW: [number, number][] = [
  [settings.INITIAL_WINDOW_SIZE, 0],
  [settings.HEADER_TABLE_SIZE, 0],
  [settings.MAX_CONCURRENT_STREAMS, 1],
];
const WIDE: [number, number][] = [
  [settings.INITIAL_WINDOW_SIZE, 65_535],
  [settings.HEADER_TABLE_SIZE, 4096],
  [settings.MAX_CONCURRENT_STREAMS, 100],
];
