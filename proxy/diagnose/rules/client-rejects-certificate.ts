import { detailOfCause } from '../facts/values.ts';
import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

const words: Readonly<Record<string, string>> = {
  unknown_ca: 'it does not know the CA',
  bad_certificate: 'it finds it bad: most often the name is not the one it asked for',
  certificate_unknown: 'it refuses it without a reason: most often the CA or the name',
  certificate_expired: 'it finds it expired: the certificate, or the clock of the client',
  certificate_revoked: 'it finds it revoked',
  unsupported_certificate: 'it cannot use that kind, or it is not meant for servers',
  access_denied: 'it will not talk to its owner',
};

export const clientRejectsCertificate: Rule = {
  id: 'client-rejects-certificate',
  certainty: 'proof',
  looksFor: 'a client that refuses the certificate of the listener, with an alert',
  evidence: '`tls` `in` with cause `client_alert:…`, late or not, and an alert received about a certificate',
  cause:
    "The client does not accept the listener's certificate: it does not know its CA, or the name is not the one it asked for.",
  advice: "let the client trust the listener's CA; the listener's certificate must name what clients ask for",
  variants: Object.fromEntries(
    Object.entries(words).map(([alert, says]) => [alert.replaceAll('_', '-'), says]),
  ),
  lookAlikes: {
    'client-cert-unknown-ca': 'there it is the listener that refuses the certificate of the client',
    'upstream-cert-unknown-ca': 'there it is the proxy that refuses the certificate of the upstream',
    'client-refuses-name': 'a client of Node refuses a certificate without any alert',
  },
  first(connection) {
    const refused = [connection.tlsIn, ...connection.late].find(
      (handshake) =>
        handshake?.side === 'in' &&
        !handshake.ok &&
        Object.hasOwn(words, detailOfCause(handshake.cause) ?? ''),
    );
    if (!refused) return null;
    const alert = detailOfCause(refused.cause)!;
    const sni = refused.sni ?? connection.tlsIn?.sni ?? null;
    const { listener } = connection;
    return {
      variant: alert.replaceAll('_', '-'),
      title: `clients refuse the certificate of listener ${listener}${sni ? ` for ${sni}` : ''}: ${words[alert]}`,
      key: `${listener} ${sni ?? ''}`,
      evidence: [
        handshakeFact(refused, `the client sent the alert ${alert}; it had asked for ${sni || 'no name'}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ruledOut(
          'the upstream',
          'the alert came from the client, about the handshake with the proxy',
          refused,
        ),
        ruledOut('version and cipher', 'they were agreed on: a certificate is judged after that', refused),
      ],
      next: [
        step("Let the client trust the CA of the listener's certificate", {
          command: 'curl --cacert ca.crt https://…; keytool -importcert -trustcacerts -file ca.crt',
        }),
        step(
          sni === null
            ? 'The client named no server (no SNI): it must connect by a name the certificate has'
            : `See whether the certificate names ${sni}`,
          { command: 'openssl x509 -in server.crt -noout -ext subjectAltName -dates' },
        ),
      ],
    };
  },
};
