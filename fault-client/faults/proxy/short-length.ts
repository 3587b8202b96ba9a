import { Type } from '../../../protos/schema/type.ts';
import { v2Signature } from '../../connect/proxy-header.ts';
import { params, plaintext } from '../params.ts';
import { proxyFault, sendVector } from './vector.ts';

const addresses = Buffer.from('cb00710ac000020ad43101bb', 'hex');

export const shortLength = proxyFault({
  id: 'pp2-short-len',
  summary: 'IPv4 addresses in fewer bytes than they need.',
  peerMustSee: 'no valid header: the connection is refused before TLS',
  section: '2.2',
  params: params({
    length: Type.Integer({ minimum: 0, maximum: 11, default: 11, description: 'Bytes of addresses.' }),
    plaintext,
  }),
  run: (client, run, { length, plaintext }) => {
    const fixed = Buffer.of(0x21, 0x11, 0, length);
    const bytes = Buffer.concat([v2Signature, fixed, addresses.subarray(0, length)]);
    return sendVector(client, run, { bytes, after: 'request', plaintext });
  },
});
