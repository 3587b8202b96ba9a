import type { Handshake } from '../facts/handshake.ts';
import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

/** What a rule about an upstream's certificate has of its own. */
export type UpstreamCertificateFault = {
  id: string;
  causes: readonly string[];
  looksFor: string;
  cause: string;
  advice: string;
  /** Goes on after "the certificate of upstream X ". */
  is(handshake: Handshake): string;
  next(handshake: Handshake, upstream: string): ReturnType<typeof step>[];
  lookAlikes: Readonly<Record<string, string>>;
};

/** A rule for upstreams whose certificate the proxy refuses. */
export function upstreamCertificateRule(fault: UpstreamCertificateFault): Rule {
  return {
    id: fault.id,
    certainty: 'proof',
    looksFor: fault.looksFor,
    evidence: `\`tls\` \`out\` \`fail\` with cause ${fault.causes.map((cause) => `\`${cause}\``).join(', ')}; \`peer_cert\` and \`upstream.server_name\` hold the names`,
    cause: fault.cause,
    advice: fault.advice,
    lookAlikes: fault.lookAlikes,
    first(connection) {
      const { tlsOut, upstream } = connection;
      if (tlsOut === null || !fault.causes.includes(tlsOut.cause ?? '')) return null;
      return {
        title: `the certificate of upstream ${upstream} ${fault.is(tlsOut)}`,
        key: `${upstream} ${tlsOut.serverName ?? ''}`,
        evidence: [
          handshakeFact(tlsOut, 'the certificate as it came, and why it was refused'),
          ...closeFact(connection, 'the connection ended there'),
        ],
        ruledOut: [
          ...soundBefore(connection, 'tls-in', 'upstream'),
          ruledOut('version, cipher and ALPN', 'the handshake got as far as the certificate', tlsOut),
          ruledOut('the certificate the client shows', 'this is about the leg to the upstream', tlsOut),
        ],
        next: [
          ...fault.next(tlsOut, upstream),
          step('Look at it', {
            command: `openssl s_client -connect ${upstream} -servername ${tlsOut.serverName ?? 'NAME'} -showcerts </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName`,
          }),
        ],
      };
    },
  };
}
