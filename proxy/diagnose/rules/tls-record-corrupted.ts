import { closeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const tlsRecordCorrupted: Rule = {
  id: 'tls-record-corrupted',
  certainty: 'proof',
  looksFor: 'a TLS record that fails its integrity check after the handshake',
  evidence: '`conn` `close` with cause `bad_record_mac`; `term` says from which side',
  cause:
    'Bytes inside an established TLS connection were changed, lost or repeated on the way, or a TLS implementation is defective.',
  advice:
    'find the hop between that changes bytes: an inspecting firewall, a broken offload of a network card, bad memory',
  lookAlikes: { 'upstream-tls-broken': 'there the handshake was not complete yet' },
  first(connection) {
    const { close, upstream, clientIp } = connection;
    if (close?.cause !== 'bad_record_mac') return null;
    const fromUpstream = close.term?.startsWith('S') ?? false;
    const side = fromUpstream ? `upstream ${upstream}` : `client ${clientIp}`;
    return {
      title: `TLS records from ${side} arrive damaged`,
      key: side,
      evidence: closeFact(connection, `a record from ${side} failed its integrity check`),
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('certificates and ciphers', 'the handshake had been agreed on and worked', close),
      ],
      next: [
        step('Switch segmentation offload off on both ends and see whether it stops', {
          command: 'ethtool -K eth0 tso off gso off gro off',
        }),
        step('Take a hop out of the path, one at a time: balancers and firewalls that look into TCP first'),
      ],
    };
  },
};
