import { step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertWrongPurpose = upstreamCertificateRule({
  id: 'upstream-cert-wrong-purpose',
  causes: ['verify_eku'],
  looksFor: 'an upstream certificate that is not meant for servers (EKU)',
  is: () => 'is not meant for server authentication',
  cause:
    'The extended key usage of the upstream certificate does not list serverAuth: most often the certificate of a client is used.',
  advice: 'issue one with extendedKeyUsage serverAuth',
  next: () => [step('Issue a certificate for servers', { config: 'extendedKeyUsage = serverAuth' })],
  lookAlikes: {
    'upstream-cert-unknown-ca': 'there its purpose was never looked at: the chain did not hold',
  },
});
