import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertRevoked = clientCertificateRule({
  id: 'client-cert-revoked',
  causes: ['cert_revoked'],
  looksFor: 'a client certificate that a revocation list names',
  is: 'is on the revocation list',
  cause: 'A list of tls.client_crl names the client certificate: it was revoked.',
  advice: 'give the client a new certificate; find out why the old one was revoked',
  next: [
    step('Issue a new certificate, and find out why this one was revoked before you do'),
    step('See the list', { command: 'openssl crl -in client.crl -noout -text' }),
  ],
  lookAlikes: {
    'client-cert-refused': 'there a missing list of another CA may be the reason',
  },
});
