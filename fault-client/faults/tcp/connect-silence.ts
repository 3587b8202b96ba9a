import { fault } from '../fault.ts';
import { keep, openRaw } from '../open.ts';
import { noParams } from '../params.ts';

export const connectSilence = fault({
  id: 'tcp-connect-silence',
  layer: 'tcp',
  summary: 'Connects and says nothing until the peer ends.',
  params: noParams,
  peerMustSee: 'silence until its own deadline ends the connection',
  spec: null,
  run: async (client, run) => {
    await keep(await openRaw(client, run), run).end.peerEnded;
  },
});
