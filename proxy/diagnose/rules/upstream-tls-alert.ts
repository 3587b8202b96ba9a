import { detailOfCause, wordOf } from '../facts/values.ts';
import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamTlsAlert: Rule = {
  id: 'upstream-tls-alert',
  certainty: 'strong',
  looksFor: 'an upstream that ends TLS with an alert no other rule explains',
  evidence: '`tls` `out` with cause `server_alert:…`, late or not; `alert` has number and name',
  cause: 'The upstream gave up TLS with the alert that is named.',
  advice: 'look the alert up (RFC 8446 section 6.2) and read the log of the upstream: it knows the reason',
  lookAlikes: {
    'upstream-cipher-mismatch': 'the alert handshake_failure',
    'upstream-rejects-client-cert': 'alerts about the client certificate, once the server has shown its own',
  },
  first(connection) {
    const failed = [connection.tlsOut, ...connection.late].find(
      (one) => one?.side === 'out' && wordOf(one.cause) === 'server_alert',
    );
    if (!failed) return null;
    const alert = detailOfCause(failed.cause) ?? 'unknown';
    const { upstream } = connection;
    const name = alert === 'unrecognized_name';
    return {
      variant: alert.replaceAll('_', '-'),
      title: name
        ? `upstream ${upstream} does not know the name ${failed.serverName ?? ''} it is asked for by SNI`
        : `upstream ${upstream} ends TLS by the alert ${alert}`,
      key: upstream,
      evidence: [
        handshakeFact(failed, `the upstream sent ${alert}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut(
          'the client',
          'the alert came from the upstream, about the handshake with the proxy',
          failed,
        ),
      ],
      next: [
        ...(name ? [step('Ask for a name it serves', { config: 'upstream: { server_name: "…" }' })] : []),
        step(`Read the log of the upstream for ${alert}`),
        step('Try it by hand', {
          command: `openssl s_client -connect ${upstream} -servername ${failed.serverName ?? 'NAME'} -msg </dev/null`,
        }),
      ],
    };
  },
};
