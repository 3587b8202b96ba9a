import { closeFact, fact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const proxyHeaderMissing: Rule = {
  id: 'proxy-header-missing',
  certainty: 'proof',
  looksFor: 'a client that begins with something else, or with nothing, where a PROXY header is required',
  evidence: '`conn` `close` with cause `proxy_missing` or `proxy_empty`, term `pR`',
  cause:
    'The listener requires a PROXY header and the peer sends none: it is not the balancer, or the balancer does not send it.',
  advice:
    'switch the header on in the balancer, or take clients without one with `proxy_protocol.mode: auto`',
  variants: {
    missing: 'something else came',
    empty: 'nothing came: a health check that only connects',
  },
  lookAlikes: {
    'proxy-header-malformed': 'there a header came and its grammar was broken',
    'balancer-hides-clients': 'there the listener takes connections without a header, and they are served',
  },
  first(connection) {
    const { close, peerIp, clientIp, listener } = connection;
    if (close?.cause !== 'proxy_missing' && close?.cause !== 'proxy_empty') return null;
    const peer = peerIp || clientIp;
    return {
      variant: close.cause === 'proxy_missing' ? 'missing' : 'empty',
      title: `${peer} connects to listener ${listener} without the PROXY header that it requires`,
      key: `${listener} ${peer}`,
      evidence: [
        ...closeFact(
          connection,
          close.cause === 'proxy_missing' ? 'the first bytes are no PROXY header' : 'not a byte came',
        ),
        ...(connection.open === null
          ? []
          : [fact(connection.open, { proxy_version: connection.proxyVersion }, 'as it was understood')]),
      ],
      ruledOut: [ruledOut('TLS and the upstream', 'refused before either was begun', close)],
      next: [
        step(`Let ${peer} send the header`, {
          config: `HAProxy: server app <proxy address> send-proxy-v2 check-send-proxy; nginx stream: proxy_protocol on;`,
        }),
        step('Or take both kinds of clients on this listener', { config: 'proxy_protocol: { mode: auto }' }),
      ],
    };
  },
};
