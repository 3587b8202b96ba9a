import { closeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const allowlistDenied: Rule = {
  id: 'allowlist-denied',
  certainty: 'proof',
  looksFor: 'a peer that `policy.allowlist` keeps out',
  evidence: '`conn` `close` with cause `allowlist_denied`, term `PR`',
  cause: "The peer's TCP address is not in policy.allowlist; it was reset before a byte was read.",
  advice: 'add its network to `policy.allowlist`, if it belongs there',
  lookAlikes: {
    'connection-limit': 'there the peer is welcome and no slot came free',
    'proxy-header-untrusted': 'there the peer may connect, but not speak for others',
  },
  first(connection) {
    const { close, peerIp, clientIp, listener } = connection;
    if (close?.cause !== 'allowlist_denied') return null;
    const peer = peerIp || clientIp;
    return {
      title: `${peer} is not on the allowlist of listener ${listener}`,
      key: `${listener} ${peer}`,
      evidence: closeFact(connection, 'refused by its address alone'),
      ruledOut: [ruledOut('TLS, PROXY and the upstream', 'none of them was reached', close)],
      next: [
        step(`If ${peer} may connect, add it`, {
          config: `policy: { allowlist: [${peer}/${peer.includes(':') ? 128 : 32}] }`,
        }),
        step('The list is about the TCP peer: behind a balancer name the balancer, not its clients'),
      ],
    };
  },
};
