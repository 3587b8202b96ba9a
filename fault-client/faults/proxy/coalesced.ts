import { Type } from '../../../protos/schema/type.ts';
import { proxyHeaderBytes } from '../../connect/proxy-header.ts';
import { openRaw } from '../open.ts';
import { params } from '../params.ts';
import { secureReshaped } from '../tls/reshaped-hello.ts';
import { proxyFault, request } from './vector.ts';

export const coalesced = proxyFault({
  id: 'pp-coalesced',
  summary: 'Sends header and ClientHello in one segment.',
  peerMustSee: 'a valid header; every byte behind it belongs to TLS',
  section: '2',
  params: params({
    version: Type.Enum(['v1', 'v2'], { default: 'v2', description: 'Of the header.' }),
  }),
  run: async (client, run, { version }) => {
    const opened = await openRaw({ ...client, proxyHeader: undefined }, run);
    const header = proxyHeaderBytes({ ...client.proxyHeader, version });
    const connection = await secureReshaped(opened, client, run, (hello) => [Buffer.concat([header, hello])]);
    await request(client, run, connection, true);
  },
});
