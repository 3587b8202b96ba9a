import { detailOfCause, wordOf } from '../facts/values.ts';
import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientTlsAlert: Rule = {
  id: 'client-tls-alert',
  certainty: 'strong',
  looksFor: 'a client that ends the handshake with an alert that is not about a certificate',
  evidence: '`tls` `in` with cause `client_alert:…`; `alert` has number and name',
  cause: 'The client gave up TLS with the alert that is named.',
  advice: 'look the alert up (RFC 8446 section 6.2) and read the log of the client: it knows the reason',
  lookAlikes: { 'client-rejects-certificate': 'there the alert is about a certificate' },
  first(connection) {
    const failed = [connection.tlsIn, ...connection.late].find(
      (handshake) => handshake?.side === 'in' && wordOf(handshake.cause) === 'client_alert',
    );
    if (!failed) return null;
    const alert = detailOfCause(failed.cause) ?? 'unknown';
    const { listener } = connection;
    return {
      variant: alert.replaceAll('_', '-'),
      title: `clients end TLS with listener ${listener} by the alert ${alert}`,
      key: listener,
      evidence: [
        handshakeFact(failed, `the client sent ${alert}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [ruledOut('the upstream', 'the alert came from the client', failed)],
      next: [
        step(`Read the log of the client for ${alert}`),
        step('Try the same listener with another client', {
          command: 'openssl s_client -connect HOST:PORT -servername NAME -msg </dev/null',
        }),
      ],
    };
  },
};
