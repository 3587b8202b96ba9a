import { settings } from '../../../protos/h2/constants.ts';
import { answerOk, h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvTableSize0 = h2Fault({
  id: 'h2-srv-table-size-0',
  layer: 'h2',
  summary: 'Announces SETTINGS_HEADER_TABLE_SIZE 0 and answers well.',
  peerMustSee: 'Requests without the dynamic table of HPACK; all of them answered.',
  spec: 'RFC 7541 4.2',
  settings: () => [[settings.HEADER_TABLE_SIZE, 0]],
  answer: (answer) => {
    answer.fired('a request under a table of 0 bytes');
    answerOk(answer);
  },
});
