import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

const causes = new Set([
  'server_alert:handshake_failure',
  'server_alert:insufficient_security',
  'no_shared_cipher',
]);

export const upstreamCipherMismatch: Rule = {
  id: 'upstream-cipher-mismatch',
  certainty: 'strong',
  looksFor: 'an upstream that finds no cipher suite, group or signature algorithm it shares with the proxy',
  evidence:
    '`tls` `out` `fail` with `server_alert:handshake_failure` (alert 40), before its certificate came',
  cause:
    'The upstream ended the handshake with handshake_failure: no cipher suite, group or signature algorithm in common, or it wants SNI or a client certificate it does not get.',
  advice: "compare the upstream's cipher list with a modern client's; then SNI; then mutual TLS",
  lookAlikes: {
    'upstream-wants-client-cert':
      'TLS 1.2 servers refuse a missing client certificate with the same alert, after they showed theirs',
    'upstream-tls-version': 'has an alert of its own, 70',
  },
  first(connection) {
    const { tlsOut, upstream } = connection;
    if (tlsOut === null || !causes.has(tlsOut.cause ?? '')) return null;
    return {
      title: `upstream ${upstream} ends the TLS handshake: nothing in common, or something it misses`,
      key: upstream,
      evidence: [
        handshakeFact(
          tlsOut,
          tlsOut.alert === null
            ? 'no cipher suite in common'
            : `alert ${tlsOut.alert.name} from the upstream`,
        ),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('the TLS version', 'that has an alert of its own (70)', tlsOut),
        ...(tlsOut.certificate === null
          ? [ruledOut("the proxy's own certificate", 'the upstream had not even shown its own', tlsOut)]
          : []),
      ],
      next: [
        step('See whether a plain client gets through, and with what', {
          command: `openssl s_client -connect ${upstream} -servername ${tlsOut.serverName ?? 'NAME'} </dev/null | grep -E "Cipher|Server Temp Key|alert"`,
        }),
        step('Some servers want a name: set it', { config: 'upstream: { server_name: "…" }' }),
      ],
    };
  },
};
