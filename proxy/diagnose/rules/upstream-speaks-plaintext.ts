import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamSpeaksPlaintext: Rule = {
  id: 'upstream-speaks-plaintext',
  certainty: 'proof',
  looksFor: 'an upstream that answers a ClientHello with something that is not TLS',
  evidence: '`tls` `out` `fail` with cause `upstream_not_tls` (OpenSSL: wrong version number)',
  cause: 'The listener is configured to speak TLS to the upstream, and that port speaks plaintext.',
  advice: 'leave `upstream.tls` out, or name the TLS port of the upstream',
  lookAlikes: {
    'plaintext-to-tls': 'there it is the client that speaks plaintext to the proxy',
    'upstream-expects-tls': 'the reverse: the proxy speaks plaintext to a TLS port',
    'upstream-tls-version':
      'OpenSSL says "wrong version number" of plaintext, "protocol version" of a version',
  },
  first(connection) {
    const { tlsOut, upstream } = connection;
    if (tlsOut?.cause !== 'upstream_not_tls') return null;
    return {
      title: `upstream ${upstream} speaks plaintext on a port the proxy speaks TLS to`,
      key: upstream,
      evidence: [
        handshakeFact(tlsOut, 'what came back is no TLS record'),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('certificates and versions', 'no ServerHello came, so none of them was discussed', tlsOut),
      ],
      next: [
        step('If the port is plaintext, say so', { config: `upstream: { addr: "${upstream}", tls: false }` }),
        step('If it should be TLS, find the right port', {
          command: `openssl s_client -connect ${upstream} </dev/null`,
        }),
      ],
    };
  },
};
