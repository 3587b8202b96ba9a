import { namesOf, step } from './parts.ts';
import { upstreamCertificateRule } from './upstream-certificate-rule.ts';

export const upstreamCertWrongName = upstreamCertificateRule({
  id: 'upstream-cert-wrong-name',
  causes: ['verify_hostname'],
  looksFor: 'an upstream certificate that does not name `upstream.server_name`',
  is: ({ certificate, serverName }) =>
    `does not name ${serverName ?? 'the name it was asked for'}: it is for ${namesOf(certificate)}`,
  cause:
    'The name the proxy asks for (upstream.server_name, else the host of upstream.addr) is not in the upstream certificate.',
  advice: 'set `upstream.server_name` to a name the certificate has, or issue one with the right name',
  next: ({ certificate }) => [
    step('Ask for a name it has', {
      config: `upstream: { server_name: ${namesOf(certificate).split(', ')[0]} }`,
    }),
    step(
      'If the upstream serves several names, it may have chosen the default one: the SNI must match one of its server blocks',
    ),
  ],
  lookAlikes: {
    'upstream-cert-unknown-ca': 'there the chain does not hold, whatever the name',
    'client-rejects-certificate': 'there it is the name of the listener that the client does not find',
  },
});
