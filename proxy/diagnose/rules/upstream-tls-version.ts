import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamTlsVersion: Rule = {
  id: 'upstream-tls-version',
  certainty: 'proof',
  looksFor: 'an upstream that shares no TLS version with the proxy',
  evidence: '`tls` `out` `fail` with cause `protocol_version` or `server_alert:protocol_version`',
  cause: "The upstream's TLS versions and the proxy's (1.2 and 1.3) have none in common.",
  advice: 'update the upstream; TLS 1.0 and 1.1 are forbidden by RFC 8996',
  lookAlikes: {
    'upstream-speaks-plaintext': 'there it is no TLS at all, which some libraries call a wrong version',
    'client-tls-version': 'there it is the client that is too old',
  },
  first(connection) {
    const { tlsOut, upstream } = connection;
    if (tlsOut?.cause !== 'protocol_version' && tlsOut?.cause !== 'server_alert:protocol_version')
      return null;
    return {
      title: `upstream ${upstream} shares no TLS version with the proxy`,
      key: upstream,
      evidence: [
        handshakeFact(tlsOut, 'no version in common'),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('certificates and ALPN', 'the version is decided first', tlsOut),
      ],
      next: [
        step('Switch TLS 1.2 or 1.3 on in the upstream', { config: 'nginx: ssl_protocols TLSv1.2 TLSv1.3;' }),
        step('Ask it version by version', {
          command: `for v in tls1 tls1_1 tls1_2 tls1_3; do openssl s_client -$v -connect ${upstream} </dev/null 2>&1 | grep -m1 -E "Protocol|alert"; done`,
        }),
      ],
    };
  },
};
