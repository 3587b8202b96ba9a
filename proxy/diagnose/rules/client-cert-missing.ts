import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientCertMissing: Rule = {
  id: 'client-cert-missing',
  certainty: 'proof',
  looksFor: 'a client without the certificate the listener requires',
  evidence: '`tls` `in` `fail` with cause `no_client_cert`',
  cause: 'The listener requires a client certificate (mutual TLS) and the client sent none.',
  advice: 'give the client its certificate and key',
  lookAlikes: {
    'client-cert-unknown-ca': 'there one came, of a CA that is not trusted',
    'upstream-wants-client-cert': 'there it is the proxy that lacks one towards the upstream',
  },
  first(connection) {
    const { tlsIn, listener } = connection;
    if (tlsIn?.cause !== 'no_client_cert') return null;
    return {
      title: `clients of listener ${listener} send no certificate, and it requires one`,
      key: listener,
      evidence: [
        handshakeFact(tlsIn, 'no certificate came'),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ruledOut('an untrusted or expired certificate', 'there was none to judge', tlsIn),
        ruledOut('version, cipher and ALPN', 'the handshake got as far as the client certificate', tlsIn),
      ],
      next: [
        step('Give the client its certificate', {
          command: 'curl --cert client.crt --key client.key https://…',
        }),
        step(
          'A client that has one leaves it out when no CA that the listener names has issued it: compare the issuers',
          {
            command: 'openssl s_client -connect HOST:PORT </dev/null | grep -A5 "Acceptable client"',
          },
        ),
        step('Or let the listener do without', { config: 'tls: { require_client_cert: false }' }),
      ],
    };
  },
};
