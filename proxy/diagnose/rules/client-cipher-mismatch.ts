import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientCipherMismatch: Rule = {
  id: 'client-cipher-mismatch',
  certainty: 'proof',
  looksFor: 'a client that shares no cipher suite, group or signature algorithm with the listener',
  evidence: '`tls` `in` `fail` with cause `no_shared_cipher`',
  cause:
    "The client's cipher suites, groups or signature algorithms and the listener's certificate have nothing in common (alert 40).",
  advice:
    "look at the kind of the listener's key (an ECDSA key serves no RSA-only client) and at the client's list",
  lookAlikes: {
    'client-tls-version': 'there the versions differ, which is decided before',
    'upstream-cipher-mismatch': 'there it is the proxy and the upstream that share none',
  },
  first(connection) {
    const { tlsIn, listener } = connection;
    if (tlsIn?.cause !== 'no_shared_cipher') return null;
    return {
      title: `clients share no cipher suite or signature algorithm with listener ${listener}`,
      key: `${listener} ${tlsIn.ja4 ?? ''}`,
      evidence: [
        handshakeFact(tlsIn, `nothing in common; JA4 ${tlsIn.ja4 ?? 'unknown'}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [ruledOut('the TLS version', 'that is decided first and would be told by its name', tlsIn)],
      next: [
        step('See what the client offers: ja3_raw lists its cipher suites by number', {
          command: `wiretracer query FILE 'listener="${listener}" proto=tls cause=no_shared_cipher'`,
        }),
        step('An old client that knows RSA alone needs an RSA certificate on the listener', {
          config: 'tls: { cert: rsa.crt, key: rsa.key }',
        }),
      ],
    };
  },
};
