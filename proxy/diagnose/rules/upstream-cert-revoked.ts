import { step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertRevoked = upstreamCertificateRule({
  id: 'upstream-cert-revoked',
  causes: ['verify_revoked'],
  looksFor: 'an upstream certificate that a revocation list names',
  is: () => 'is on the revocation list',
  cause: 'A list of upstream.crl names the upstream certificate: it was revoked.',
  advice: 'give the upstream a new certificate; find out why the old one was revoked',
  next: () => [step('Issue a new certificate; find out why this one was revoked before you do')],
  lookAlikes: {
    'upstream-cert-refused': 'there a missing list of another CA may be the reason',
  },
});
