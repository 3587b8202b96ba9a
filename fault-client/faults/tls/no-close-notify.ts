import { h1Session } from '../../h1/h1-session.ts';
import { hostOf } from '../../h1/host.ts';
import { closeGraceMs, waitForEnd } from '../../modes/finish-connection.ts';
import { fault } from '../fault.ts';
import { openRaw, upgrade } from '../open.ts';
import { noParams } from '../params.ts';

export const noCloseNotify = fault({
  id: 'tls-no-close-notify',
  layer: 'tls',
  summary: 'Gets one answer, then sends FIN without close_notify.',
  params: noParams,
  peerMustSee: 'a stream that ends without close_notify: possibly truncated',
  spec: 'RFC 8446 6.1',
  run: async (client, run) => {
    const connection = await upgrade(await openRaw(client, run), client, run);
    const session = h1Session(connection.stream, hostOf({ ...client, tls: client.tls ?? {} }));
    run.phase = 'response';
    await session.start(client.request ?? {}, run.exchange()).answered;
    connection.end.self();
    // On the raw socket, below TLS, so that no alert goes first.
    connection.raw.end();
    await waitForEnd(connection.end, closeGraceMs);
  },
});
