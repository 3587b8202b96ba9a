import type { Peer } from '../engine/peers.ts';
import { fact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

const leastConnections = 10;
const leastKinds = 3;
const leastOfEither = 3;

export const balancerHidesClients: Rule = {
  id: 'balancer-hides-clients',
  certainty: 'strong',
  looksFor: 'many clients behind one address and no PROXY header to tell them apart',
  evidence:
    'connections with `proxy_version` none from a `peer_ip` that also sends PROXY headers of several clients; or of several kinds of client (`ja4`) from one address',
  cause:
    'A balancer or NAT stands between the clients and the listener and does not say for whom it connects.',
  advice: 'switch `send-proxy` on in the balancer; the listener detects it by itself',
  variants: {
    'sometimes-headed': 'other connections from the same peer carry a header',
    'many-kinds': 'several kinds of client from one address',
  },
  lookAlikes: {
    'proxy-header-missing': 'there the listener requires the header and refuses',
    'failures-concentrated': 'a balancer makes every failure come from one address',
  },
  overall(totals) {
    return [...totals.peers.all()].flatMap((peer) => {
      const variant = variantOf(peer);
      if (variant === null || peer.firstBare === null) return [];
      return [
        {
          variant,
          title: `${peer.ip} hides its clients from listener ${peer.listener}: ${peer.bare} connections without a PROXY header`,
          key: `${peer.listener} ${peer.ip}`,
          evidence: [
            fact(
              peer.firstBare,
              { peer_ip: peer.ip, proxy_version: 'none' },
              'one of those without a header',
            ),
            ...(peer.firstHeaded === null
              ? []
              : [
                  fact(
                    peer.firstHeaded,
                    { peer_ip: peer.ip, proxy_src: peer.firstHeaded.source },
                    'the same peer, for somebody else',
                  ),
                ]),
          ],
          ruledOut: [
            ruledOut(
              'a single client',
              variant === 'many-kinds'
                ? `${peer.kinds.size} different ClientHellos (JA4) came from this address`
                : `its headers name ${peer.sources.size} clients`,
              peer.firstHeaded ?? peer.firstBare,
            ),
          ],
          next: [
            step('Let the balancer say for whom it connects', {
              config:
                'HAProxy: server wt … send-proxy-v2;   nginx stream: proxy_protocol on;   AWS NLB: proxy_protocol_v2.enabled=true',
            }),
            step('Then believe it alone', {
              config: `proxy_protocol: { mode: required, trusted: [${peer.ip}/${peer.ip.includes(':') ? 128 : 32}] }`,
            }),
          ],
          unit: 'connections' as const,
          count: peer.bare,
          of: peer.bare + peer.headed,
          since: peer.firstTs,
          until: peer.lastTs,
          clients: [peer.ip],
          listeners: [peer.listener],
          upstreams: [peer.upstream],
        },
      ];
    });
  },
};

function variantOf(peer: Peer): string | null {
  if (peer.headed >= leastOfEither && peer.bare >= leastOfEither && peer.sources.size >= 2)
    return 'sometimes-headed';
  if (peer.headed === 0 && peer.bare >= leastConnections && peer.kinds.size >= leastKinds)
    return 'many-kinds';
  return null;
}
