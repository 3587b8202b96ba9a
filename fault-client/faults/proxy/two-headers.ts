import { proxyHeaderBytes } from '../../connect/proxy-header.ts';
import type { Fault } from '../fault.ts';
import { params, plaintext } from '../params.ts';
import { proxyFault, sendVector } from './vector.ts';

/** A second header behind a good one: it is the protocol's bytes, and no protocol's. */
export const twoHeaders: Fault[] = [
  twice('pp1-twice', 'v1', 'v1'),
  twice('pp2-twice', 'v2', 'v2'),
  twice('pp1-then-pp2', 'v1', 'v2'),
  twice('pp2-then-pp1', 'v2', 'v1'),
];

function twice(id: string, first: 'v1' | 'v2', second: 'v1' | 'v2'): Fault {
  const bytes = Buffer.concat([
    proxyHeaderBytes({ version: first }),
    proxyHeaderBytes({ version: second, src: '198.51.100.66:6', dst: '192.0.2.66:66' }),
  ]);
  return proxyFault({
    id,
    summary: `Sends a header of ${first} and behind it one of ${second}; only the first is one.`,
    peerMustSee: 'the first header, and bytes that are no TLS after it: the handshake fails',
    section: '2',
    params: params({ plaintext }),
    run: (client, run, { plaintext }) => sendVector(client, run, { bytes, after: 'request', plaintext }),
  });
}
