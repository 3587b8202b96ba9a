import { nginxComplaint } from '../facts/nginx-pages.ts';
import { closeFact, fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamRejectsClientCert: Rule = {
  id: 'upstream-rejects-client-cert',
  certainty: 'proof',
  looksFor: "an upstream that refuses the proxy's client certificate",
  evidence: '`tls` `out` with cause `client_cert_rejected` and `upstream.mtls` true; the alert says why',
  cause:
    'The upstream does not accept the client certificate of the listener: its CA, its time or its purpose.',
  advice:
    'read the alert: unknown_ca, certificate_expired, unsupported_certificate; mend `upstream.client_cert`',
  variants: {
    early: 'refused within the handshake (TLS 1.2)',
    late: 'refused after the handshake had succeeded for the proxy (TLS 1.3)',
    http: 'TLS succeeded and the answer is 400: nginx "The SSL certificate error"',
  },
  lookAlikes: {
    'upstream-wants-client-cert': 'there the proxy has none',
    'upstream-cert-unknown-ca': 'there it is the proxy that refuses the upstream',
  },
  first(connection) {
    const refused = [connection.tlsOut, ...connection.late].find(
      (one) => one?.side === 'out' && one.cause === 'client_cert_rejected',
    );
    if (!refused) return null;
    const { upstream } = connection;
    const alert = refused.alert?.name ?? 'no alert';
    return {
      variant: refused.late ? 'late' : 'early',
      title: `upstream ${upstream} refuses the client certificate of the proxy (${alert})`,
      key: `${upstream} ${alert}`,
      evidence: [
        handshakeFact(refused, `the upstream's word is ${alert}`),
        ...(refused.late && connection.tlsOut !== null
          ? [handshakeFact(connection.tlsOut, 'the handshake itself had succeeded, as TLS 1.3 allows')]
          : []),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut("the upstream's own certificate", 'the proxy had accepted it', connection.tlsOut ?? refused),
      ],
      next: [
        step(
          (Object.hasOwn(adviceOf, alert) ? adviceOf[alert] : null) ??
            'Compare the certificate with what the upstream accepts',
          {
            config: 'upstream: { client_cert: client.crt, client_key: client.key }',
          },
        ),
        step('Try it by hand', {
          command: `openssl s_client -connect ${upstream} -cert client.crt -key client.key </dev/null`,
        }),
      ],
    };
  },
  exchange(group, connection) {
    if (nginxComplaint(group) !== 'client-certificate-error') return null;
    const { upstream } = connection;
    return {
      variant: 'http',
      title: `upstream ${upstream} answers 400: it does not accept the client certificate of the proxy`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            'response.status': group.status,
            'response.headers.server': group.server,
            'response.content_length': group.contentLength,
          },
          'the page nginx sends for "The SSL certificate error"',
        ),
      ],
      ruledOut: soundBefore(connection, 'tls-in', 'tls-out'),
      next: [step('Read the error log of nginx: it names the error of the verification')],
    };
  },
};

const adviceOf: Readonly<Record<string, string>> = {
  unknown_ca: 'Let the upstream trust the CA of the certificate, or use one of a CA it trusts',
  certificate_expired: 'Renew the client certificate',
  unsupported_certificate: 'Issue a client certificate with extendedKeyUsage clientAuth',
  bad_certificate: 'The certificate or a signature in its chain is wrong: issue it anew',
  certificate_revoked: 'It was revoked: issue a new one',
};
