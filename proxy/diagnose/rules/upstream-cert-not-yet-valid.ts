import { step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertNotYetValid = upstreamCertificateRule({
  id: 'upstream-cert-not-yet-valid',
  causes: ['verify_not_yet_valid'],
  looksFor: 'an upstream certificate whose time has not begun',
  is: ({ certificate }) =>
    `is not valid yet${certificate?.notBefore ? ` (before ${certificate.notBefore})` : ''}`,
  cause: 'The time of the upstream certificate has not begun: a clock is wrong, or it was issued for later.',
  advice: 'compare the clocks',
  next: () => [step('Compare the clocks of the proxy, the upstream and the CA', { command: 'date -u' })],
  lookAlikes: {
    'upstream-cert-expired': 'there its time is over',
  },
});
