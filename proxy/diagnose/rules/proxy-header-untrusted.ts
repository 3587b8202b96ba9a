import { closeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const proxyHeaderUntrusted: Rule = {
  id: 'proxy-header-untrusted',
  certainty: 'proof',
  looksFor: 'a sound PROXY header from a peer that is not on the list of trusted ones',
  evidence: '`conn` `close` with cause `proxy_untrusted_peer`; `peer_ip` is the sender',
  cause:
    'A PROXY header came from an address outside `proxy_protocol.trusted`: a new balancer, or a forgery.',
  advice: 'add the balancer to `proxy_protocol.trusted`, if it is one',
  lookAlikes: {
    'proxy-header-malformed': 'there the header itself is wrong',
    'allowlist-denied': 'there `policy.allowlist` refuses the peer before it sends a byte',
  },
  first(connection) {
    const { close, peerIp, clientIp, listener, proxySource } = connection;
    if (close?.cause !== 'proxy_untrusted_peer') return null;
    const peer = peerIp || clientIp;
    return {
      title: `${peer} sends PROXY headers to listener ${listener} and is not trusted to`,
      key: `${listener} ${peer}`,
      evidence: closeFact(
        connection,
        `a ${connection.proxyVersion} header that names ${proxySource ?? 'nobody'}`,
      ),
      ruledOut: [ruledOut('a malformed header', 'it was read to its end', close)],
      next: [
        step(`If ${peer} is your balancer, trust it`, {
          config: `proxy_protocol: { trusted: [${peer}/${peer.includes(':') ? 128 : 32}] }`,
        }),
        step('If it is not, somebody tries to pass for another address: leave it refused'),
      ],
    };
  },
};
