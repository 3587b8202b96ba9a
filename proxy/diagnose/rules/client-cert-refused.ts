import { clientCertificateRule } from './client-certificate-rule.ts';
import { step } from './parts.ts';

export const clientCertRefused = clientCertificateRule({
  id: 'client-cert-refused',
  causes: ['cert_rejected'],
  looksFor: 'a client certificate that is refused for another reason',
  is: 'was refused',
  cause: 'OpenSSL refused the client certificate for the reason the detail names.',
  advice: 'read the detail; with `tls.client_crl`, every CA of a chain needs a list of its own',
  next: [
    step('Check the chain as the proxy does', {
      command: 'openssl verify -CAfile client-ca.pem -purpose sslclient client.crt',
    }),
  ],
  lookAlikes: {
    'client-cert-unknown-ca': 'told by its own name',
  },
});
