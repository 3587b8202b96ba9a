import { Type } from '../../../protos/schema/type.ts';
import { proxyHeaderBytes } from '../../connect/proxy-header.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { endBy, keep, openRaw } from '../open.ts';
import { params } from '../params.ts';
import { proxyFault } from './vector.ts';

const http = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
const garbage = Buffer.from('cafebabe00ff10203040506070809fafbfcfdfef', 'hex');

export const headerThen = proxyFault({
  id: 'pp-header-then',
  summary: 'Sends a valid header and then, where TLS is due, something else.',
  peerMustSee: 'a valid header, and a handshake that fails for what came behind it',
  section: '2',
  params: params({
    version: Type.Enum(['v1', 'v2'], { default: 'v2', description: 'Of the header.' }),
    next: Type.Enum(['nothing', 'fin', 'rst', 'http', 'garbage'], {
      default: 'nothing',
      description: 'What follows.',
    }),
  }),
  run: async (client, run, { version, next }) => {
    const connection = keep(await openRaw({ ...client, proxyHeader: undefined }, run), run);
    run.phase = 'proxy_header';
    await writeAll(connection.raw, proxyHeaderBytes({ ...client.proxyHeader, version }));
    run.phase = 'tls';
    if (next === 'http') await writeAll(connection.raw, http);
    if (next === 'garbage') await writeAll(connection.raw, garbage);
    if (next === 'fin' || next === 'rst') await endBy(connection, next);
    if (next !== 'rst') await connection.end.peerEnded;
  },
});
