import { step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertRefused = upstreamCertificateRule({
  id: 'upstream-cert-refused',
  causes: ['verify_failed'],
  looksFor: 'an upstream certificate that is refused for another reason',
  is: ({ detail }) => `was refused: ${detail ?? 'for a reason that wiretracer 1.50 does not tell'}`,
  cause: 'OpenSSL refused the upstream certificate for the reason the detail names.',
  advice: 'read the detail; with `upstream.crl`, every CA of a chain needs a list of its own',
  next: () => [
    step('Check the chain as the proxy does', {
      command: 'openssl verify -CAfile upstream-ca.pem -purpose sslserver upstream.crt',
    }),
  ],
  lookAlikes: {
    'upstream-cert-unknown-ca': 'told by its own name',
    'upstream-cert-wrong-name': 'told by its own name',
  },
});
