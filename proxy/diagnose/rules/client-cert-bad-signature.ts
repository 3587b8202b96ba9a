import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertBadSignature = clientCertificateRule({
  id: 'client-cert-bad-signature',
  causes: ['cert_bad_signature'],
  looksFor: 'a client certificate with a signature that is wrong',
  is: 'has a wrong signature in its chain',
  cause:
    'A signature in the chain was not made by the key of its issuer: a CA that was made anew under its old name, or a damaged file.',
  advice: 'compare the CA the certificate was issued by with the one in `tls.client_ca`',
  next: [
    step('Compare the key identifiers', {
      command:
        'openssl x509 -in client.crt -noout -ext authorityKeyIdentifier; openssl x509 -in client-ca.pem -noout -ext subjectKeyIdentifier',
    }),
    step('Issue the client certificate anew by the CA of today'),
  ],
  lookAlikes: {
    'client-cert-unknown-ca': 'there no CA of that name is known at all',
  },
});
