import { fact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamRequiresProxyHeader: Rule = {
  id: 'upstream-requires-proxy-header',
  certainty: 'proof',
  looksFor: 'an upstream that serves connections with a PROXY header and ends those without one at once',
  evidence:
    'to one upstream: connections with `proxy_version` v1 or v2 are served, those with none are closed before an answer',
  cause: 'The upstream requires a PROXY header, and these clients send none for the proxy to forward.',
  advice: 'let whoever connects to the listener send the header, or switch it off in the upstream',
  lookAlikes: {
    'proxy-header-not-understood': 'the reverse',
    'proxy-header-missing': 'there it is the listener that requires one',
    'upstream-cut': 'there a header makes no difference',
  },
  overall(totals) {
    return [...totals.headers.all()].flatMap((bare) => {
      if (bare.header !== 'none' || bare.refused === 0 || bare.well > 0) return [];
      const headed = ['v1', 'v2']
        .map((version) => totals.headers.get(bare.upstream, version))
        .find((outcome) => (outcome?.well ?? 0) > 0);
      if (!headed) return [];
      const { close, group } = bare.refusal!;
      return [
        {
          title: `upstream ${bare.upstream} requires a PROXY header: connections without one are ended at once`,
          key: bare.upstream,
          evidence: [
            fact(
              close,
              {
                proxy_version: 'none',
                closed_by: close.closedBy,
                cause: close.cause,
                bytes_out: close.bytesOut,
              },
              'without a header',
            ),
            ...(group === null
              ? []
              : [
                  fact(
                    group,
                    { 'request.path': group.path, error: group.error },
                    'the request it did not answer',
                  ),
                ]),
            ...(headed.wellLine === null
              ? []
              : [fact(headed.wellLine, { proxy_version: headed.header }, 'with one it is served')]),
          ],
          ruledOut: [
            ruledOut(
              'a failing upstream',
              `it serves ${headed.well} connections with ${headed.header}`,
              headed.wellLine,
            ),
          ],
          next: [
            step('Let whatever connects to the listener send the header', {
              config: 'HAProxy: server wt … send-proxy-v2',
            }),
            step('Or refuse the others here, with a reason they can read', {
              config: 'proxy_protocol: { mode: required }',
            }),
          ],
          explains: ['upstream-cut', 'upstream-tls-broken'],
          unit: 'connections' as const,
          count: bare.refused,
          of: bare.refused + bare.well + headed.well,
          since: bare.firstTs,
          until: bare.lastTs,
          clients: bare.clients.top(20).map(({ value }) => value),
          listeners: bare.listeners.top(20).map(({ value }) => value),
          upstreams: [bare.upstream],
        },
      ];
    });
  },
};
