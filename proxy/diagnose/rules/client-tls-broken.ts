import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientTlsBroken: Rule = {
  id: 'client-tls-broken',
  certainty: 'strong',
  looksFor: 'a client that breaks the TLS protocol itself',
  evidence: '`tls` `in` `fail` with cause `tls_protocol_error` or none that is known; `detail` says what',
  cause:
    'What the client sent begins as TLS and breaks its rules: a defect of its TLS library, or something on the way that changes bytes.',
  advice: 'read the detail; try another client from the same place',
  lookAlikes: {
    'plaintext-to-tls': 'there the first bytes are no TLS at all',
    'tls-record-corrupted': 'there the handshake was sound and a later record was damaged',
  },
  first(connection) {
    const failed = [connection.tlsIn, ...connection.late].find(
      (handshake) => handshake?.side === 'in' && !handshake.ok && handshake.cause !== 'shutdown',
    );
    if (!failed || (failed.late && failed.cause !== 'tls_protocol_error')) return null;
    const { listener } = connection;
    const detail = failed.detail ?? failed.reason ?? 'no detail';
    return {
      title: `clients break TLS at listener ${listener}: ${detail}`,
      key: `${listener} ${detail}`,
      evidence: [handshakeFact(failed, detail), ...closeFact(connection, 'the connection ended there')],
      ruledOut: [ruledOut('the upstream', 'it had no part in this handshake', failed)],
      next: [
        step('Try another client from the same place', {
          command: 'openssl s_client -connect HOST:PORT -servername NAME </dev/null',
        }),
        step('If that one works, the TLS library of the client is at fault; if not, what lies between'),
      ],
    };
  },
};
