import { oneLine, step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertUnknownCa = upstreamCertificateRule({
  id: 'upstream-cert-unknown-ca',
  causes: ['verify_unknown_ca'],
  looksFor: 'an upstream certificate that does not chain to a trusted CA',
  is: ({ certificate }) =>
    `is of a CA the proxy does not trust${certificate === null ? '' : ` (${oneLine(certificate.issuer)})`}`,
  cause:
    'The upstream certificate does not chain to a CA in upstream.ca or of the system: a private CA, a self-signed certificate, or a missing intermediate.',
  advice: 'name its CA in `upstream.ca`, or let the upstream send its whole chain',
  next: ({ ca }) => [
    step(ca === null ? 'Trust its CA' : `See whether ${ca} holds its CA`, {
      config: 'upstream: { ca: upstream-ca.pem }',
    }),
    step('If an intermediate is missing, let the upstream send it', {
      config: 'nginx: ssl_certificate fullchain.pem;',
    }),
  ],
  lookAlikes: {
    'upstream-cert-wrong-name': 'there the CA is trusted and the name is another',
    'client-rejects-certificate': 'there it is the client that does not trust the proxy',
  },
});
