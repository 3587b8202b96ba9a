import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientTlsVersion: Rule = {
  id: 'client-tls-version',
  certainty: 'proof',
  looksFor: 'a client that offers only TLS versions below the least one the listener takes',
  evidence:
    '`tls` `in` `fail` with cause `protocol_version`; the start of `ja4` tells the best version offered',
  cause: "The client's best TLS version is below the listener's tls.min_version (alert 70).",
  advice: 'update the client; TLS 1.0 and 1.1 are forbidden by RFC 8996',
  lookAlikes: {
    'client-cipher-mismatch': 'there a version is agreed on and no cipher suite is',
    'plaintext-to-tls': 'there "wrong version number" means no TLS at all',
  },
  first(connection) {
    const { tlsIn, listener } = connection;
    if (tlsIn?.cause !== 'protocol_version') return null;
    const offered = offeredVersion(tlsIn.ja4);
    return {
      title: `clients offer listener ${listener} nothing newer than ${offered}`,
      key: `${listener} ${offered}`,
      evidence: [
        handshakeFact(tlsIn, `no version in common; JA4 ${tlsIn.ja4 ?? 'unknown'}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [ruledOut('certificates and ALPN', 'the version is decided first', tlsIn)],
      next: [
        step('Update the client, or its TLS library or Java, to TLS 1.2 or newer'),
        step('If the listener asks for TLS 1.3 alone, it may take 1.2 too', {
          config: 'tls: { min_version: TLS1.2 }',
        }),
      ],
    };
  },
};

function offeredVersion(ja4: string | null): string {
  const found = /^t(\d)(\d)/.exec(ja4 ?? '');
  if (found !== null) return `TLS ${found[1]}.${found[2]}`;
  return ja4?.startsWith('ts3') ? 'SSL 3.0' : 'a version that is too old';
}
