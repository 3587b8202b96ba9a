import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertWrongPurpose = clientCertificateRule({
  id: 'client-cert-wrong-purpose',
  causes: ['cert_wrong_eku'],
  looksFor: 'a client certificate that is not meant for clients (EKU)',
  is: 'is not meant for client authentication',
  cause:
    'The extended key usage of the certificate does not list clientAuth: most often the certificate of a server is used.',
  advice: 'issue one with extendedKeyUsage clientAuth',
  next: [
    step('Issue a certificate for clients', { config: 'extendedKeyUsage = clientAuth' }),
    step('See what it is for', { command: 'openssl x509 -in client.crt -noout -ext extendedKeyUsage' }),
  ],
  lookAlikes: {
    'client-cert-unknown-ca': 'there its purpose was never looked at: the chain did not hold',
  },
});
