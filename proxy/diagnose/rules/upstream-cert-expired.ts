import { step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertExpired = upstreamCertificateRule({
  id: 'upstream-cert-expired',
  causes: ['verify_expired'],
  looksFor: 'an upstream certificate whose time is over',
  is: ({ certificate }) => `has expired${certificate?.notAfter ? ` (${certificate.notAfter})` : ''}`,
  cause: 'The time of the upstream certificate is over.',
  advice: 'renew it and reload the upstream',
  next: () => [step('Renew it, and reload the upstream so that it is used', { command: 'nginx -s reload' })],
  lookAlikes: {
    'upstream-cert-not-yet-valid': 'there its time has not begun',
    'client-cert-expired': 'there it is the certificate of the client',
  },
});
