import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertExpired = clientCertificateRule({
  id: 'client-cert-expired',
  causes: ['cert_expired'],
  looksFor: 'a client certificate whose time is over',
  is: 'has expired',
  cause: 'The time of the client certificate is over: it was not renewed, or the renewed one was not loaded.',
  advice: 'renew it; restart the client, or let it read the file again',
  next: [
    step('Renew the certificate and let the client load it'),
    step('See until when it was valid', { command: 'openssl x509 -in client.crt -noout -subject -enddate' }),
  ],
  lookAlikes: {
    'client-cert-not-yet-valid': 'there its time has not begun: a clock that is wrong',
    'client-rejects-certificate': 'there the client refuses the certificate of the proxy',
  },
});
