import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertNotYetValid = clientCertificateRule({
  id: 'client-cert-not-yet-valid',
  causes: ['cert_not_yet_valid'],
  looksFor: 'a client certificate whose time has not begun',
  is: 'is not valid yet',
  cause: 'The time of the client certificate has not begun: a clock is wrong, or it was issued for later.',
  advice: 'compare the clocks of the client, the proxy and the CA',
  next: [step('Compare the clocks', { command: 'date -u; openssl x509 -in client.crt -noout -startdate' })],
  lookAlikes: {
    'client-cert-expired': 'there its time is over',
  },
});
