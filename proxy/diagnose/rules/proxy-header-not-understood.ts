import type { Outcome } from '../engine/header-outcomes.ts';
import { fact, ruledOut, step } from './parts.ts';
import type { OverallMatch, Rule } from './rule.ts';

export const proxyHeaderNotUnderstood: Rule = {
  id: 'proxy-header-not-understood',
  certainty: 'strong',
  looksFor: 'an upstream that does not take the PROXY header that is forwarded to it',
  evidence:
    'of the connections with `proxy_version` v1 (or v2) to one upstream none is served: 400, a close before the answer, or a TLS handshake that ends at once',
  cause:
    'The proxy forwards the PROXY header of the client byte for byte, and the upstream takes it for a request or a ClientHello.',
  advice: 'switch PROXY on in the upstream, in the version that is sent; or take the header off before it',
  variants: { v1: 'the text header', v2: 'the binary header' },
  lookAlikes: {
    'upstream-requires-proxy-header': 'the reverse',
    'http1-breach': 'there no header was forwarded',
    'upstream-tls-broken': 'there no header was forwarded, or those without one fail too',
  },
  overall(totals) {
    return [...totals.headers.all()].flatMap((outcome) => {
      if (outcome.header === 'none' || outcome.refused === 0 || outcome.well > 0) return [];
      const bare = totals.headers.get(outcome.upstream, 'none');
      const other = totals.headers.get(outcome.upstream, outcome.header === 'v1' ? 'v2' : 'v1');
      // Refused with a header and without: the header is not what is wrong.
      if (bare !== null && bare.refused > 0 && bare.well === 0) return [];
      return [told(outcome, bare, other)];
    });
  },
};

function told(outcome: Outcome, bare: Outcome | null, other: Outcome | null): OverallMatch {
  const { upstream, header } = outcome;
  const bareWell = (bare?.well ?? 0) > 0;
  const otherWell = (other?.well ?? 0) > 0;
  const { close, group, tlsFailed } = outcome.refusal!;
  return {
    variant: header,
    certainty: bareWell || otherWell ? 'proof' : 'strong',
    title: `upstream ${upstream} does not understand the PROXY ${header} header that is forwarded to it${otherWell ? `, and does understand ${other!.header}` : ''}`,
    key: upstream,
    evidence: [
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                'request.path': group.path,
                'response.status': group.status,
                'response.headers.server': group.server,
                error: group.error,
              },
              'the answer to a request right after the header',
            ),
          ]),
      fact(
        close,
        {
          proxy_version: header,
          closed_by: close.closedBy,
          cause: close.cause,
          bytes_in: close.bytesIn,
          bytes_out: close.bytesOut,
          error: close.error,
        },
        tlsFailed ? 'the TLS handshake ended at once' : 'and it closed',
      ),
    ],
    ruledOut: [
      ...(bareWell
        ? [
            ruledOut(
              'a failing upstream',
              `it serves ${bare!.well} connections without a header`,
              bare!.wellLine,
            ),
          ]
        : []),
      ...(otherWell
        ? [
            ruledOut(
              'PROXY as such',
              `it serves ${other!.well} connections with ${other!.header}`,
              other!.wellLine,
            ),
          ]
        : []),
    ],
    next: [
      step('Switch PROXY on in the upstream', {
        config:
          'nginx: listen 8080 proxy_protocol;   HAProxy: bind :8080 accept-proxy;   h2o: proxy-protocol: ON (v1 alone)',
      }),
      step(
        otherWell
          ? `Or let the balancer send ${other!.header}`
          : 'Or let the balancer send none; the client is then told by X-Forwarded-For alone',
        { config: otherWell && other!.header === 'v1' ? 'HAProxy: server app … send-proxy' : undefined },
      ),
    ],
    explains: [
      'upstream-cut',
      'upstream-tls-broken',
      'upstream-tls-alert',
      'upstream-speaks-plaintext',
      'h2-preface-to-http1',
    ],
    unit: 'connections',
    count: outcome.refused,
    of: outcome.refused + outcome.well,
    since: outcome.firstTs,
    until: outcome.lastTs,
    clients: outcome.clients.top(20).map(({ value }) => value),
    listeners: outcome.listeners.top(20).map(({ value }) => value),
    upstreams: [upstream],
  };
}
