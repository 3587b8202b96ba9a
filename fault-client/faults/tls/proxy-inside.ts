import { proxyHeaderBytes } from '../../connect/proxy-header.ts';
import { fault } from '../fault.ts';
import { converse } from '../h1/converse.ts';
import { openApplication } from '../open.ts';
import { noParams } from '../params.ts';

export const proxyInside = fault({
  id: 'tls-proxy-inside',
  layer: 'tls',
  summary: 'Sends a PROXY v1 header inside TLS, then a GET.',
  params: noParams,
  peerMustSee: 'a request that is no HTTP: the header belongs before the handshake',
  spec: 'haproxy doc/proxy-protocol.txt 2',
  run: async (client, run) => {
    const connection = await openApplication(client, run, { alpn: 'http/1.1', plaintext: false });
    const header = proxyHeaderBytes({ version: 'v1' });
    await converse(run, connection, {
      pieces: [Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')])],
      answers: 1,
    });
  },
});
