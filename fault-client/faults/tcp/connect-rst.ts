import { fault } from '../fault.ts';
import { endBy, openRaw } from '../open.ts';
import { noParams } from '../params.ts';

export const connectRst = fault({
  id: 'tcp-connect-rst',
  layer: 'tcp',
  summary: 'Connects and resets without a byte.',
  params: noParams,
  peerMustSee: 'a reset before the first byte',
  spec: 'RFC 9293 3.5.3',
  run: async (client, run) => endBy(await openRaw(client, run), 'rst'),
});
