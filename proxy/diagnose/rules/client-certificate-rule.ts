import { closeFact, handshakeFact, oneLine, ruledOut, type step } from './parts.ts';
import type { Rule } from './rule.ts';

/** What a rule about a client's certificate has of its own. */
export type ClientCertificateFault = {
  id: string;
  causes: readonly string[];
  looksFor: string;
  cause: string;
  advice: string;
  /** Goes on after "a client's certificate ". */
  is: string;
  next: ReturnType<typeof step>[];
  lookAlikes: Readonly<Record<string, string>>;
};

/** A rule for clients whose certificate the listener refuses. */
export function clientCertificateRule(fault: ClientCertificateFault): Rule {
  return {
    id: fault.id,
    certainty: 'proof',
    looksFor: fault.looksFor,
    evidence: `\`tls\` \`in\` \`fail\` with cause ${fault.causes.map((cause) => `\`${cause}\``).join(', ')}; \`peer_cert\` names the certificate`,
    cause: fault.cause,
    advice: fault.advice,
    lookAlikes: fault.lookAlikes,
    first(connection) {
      const { tlsIn, listener } = connection;
      if (tlsIn === null || !fault.causes.includes(tlsIn.cause ?? '')) return null;
      const { certificate } = tlsIn;
      const named =
        certificate === null
          ? ''
          : ` (${oneLine(certificate.subject)}, issued by ${oneLine(certificate.issuer)})`;
      return {
        title: `a client certificate at listener ${listener} ${fault.is}${named}`,
        key: `${listener} ${certificate?.issuer ?? ''}`,
        evidence: [
          handshakeFact(tlsIn, 'the certificate as it came, and why it was refused'),
          ...closeFact(connection, 'the connection ended there'),
        ],
        ruledOut: [
          ruledOut('version, cipher and ALPN', 'the handshake got as far as the client certificate', tlsIn),
          ruledOut('the certificate of the proxy', 'the client went on after it had seen it', tlsIn),
        ],
        next: fault.next,
      };
    },
  };
}
