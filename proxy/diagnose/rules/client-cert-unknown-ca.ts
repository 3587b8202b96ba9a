import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertUnknownCa = clientCertificateRule({
  id: 'client-cert-unknown-ca',
  causes: ['cert_unknown_ca'],
  looksFor: 'a client certificate that does not chain to `tls.client_ca`',
  is: 'is of a CA that is not in tls.client_ca',
  cause:
    'The client certificate does not chain to a CA in tls.client_ca: another CA, a self-signed one, or a missing intermediate.',
  advice: 'add the CA to `tls.client_ca`, or let the client send its whole chain',
  next: [
    step('If that issuer is to be trusted, add it', { config: 'tls: { client_ca: all-client-cas.pem }' }),
    step(
      'If it is an intermediate of a trusted CA, the client must send the whole chain: leaf first, then the intermediates',
    ),
    step('Test it', { command: 'openssl verify -CAfile client-ca.pem -untrusted chain.pem client.crt' }),
  ],
  lookAlikes: {
    'client-rejects-certificate': 'there the client does not know the CA of the proxy',
    'client-cert-bad-signature': 'there the issuer is known and the signature is not its',
  },
});
