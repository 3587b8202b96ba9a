import type { Connection } from '../facts/connection.ts';
import type { Handshake } from '../facts/handshake.ts';
import { nginxComplaint } from '../facts/nginx-pages.ts';
import { closeFact, fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamWantsClientCert: Rule = {
  id: 'upstream-wants-client-cert',
  certainty: 'proof',
  looksFor: 'an upstream that requires a client certificate the proxy does not have',
  evidence:
    '`tls` `out` with cause `client_cert_rejected` and `upstream.mtls` false, or an answer 400 with the page nginx has for it',
  cause: 'The upstream requires a client certificate (mutual TLS), and the listener has none to show it.',
  advice: 'set `upstream.client_cert` and `upstream.client_key`',
  variants: {
    early: 'refused within the handshake (TLS 1.2)',
    late: 'refused after the handshake had succeeded for the proxy (TLS 1.3)',
    http: 'TLS succeeded and the answer is 400: nginx with ssl_verify_client',
  },
  lookAlikes: {
    'upstream-rejects-client-cert': 'there the proxy has one and it is refused',
    'client-cert-missing': 'there it is the listener that requires one of its client',
    'grpc-status-missing': 'a 400 of another kind: the page has another length',
  },
  first(connection) {
    const refused = refusalOf(connection);
    if (refused === null || refused.mtls === true || connection.tlsOut?.mtls === true) return null;
    const { upstream } = connection;
    return {
      variant: refused.late ? 'late' : 'early',
      title: `upstream ${upstream} requires a client certificate and the proxy has none to show`,
      key: upstream,
      evidence: [
        handshakeFact(
          refused,
          refused.late
            ? 'refused after the handshake was done for the proxy, as TLS 1.3 does'
            : 'refused in the handshake',
        ),
        ...(refused.late && connection.tlsOut !== null
          ? [handshakeFact(connection.tlsOut, 'the handshake itself had succeeded')]
          : []),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('a certificate that is refused', 'none is configured: upstream.mtls is false', refused),
        ruledOut("the upstream's own certificate", 'the proxy had accepted it', connection.tlsOut ?? refused),
      ],
      next: advice(upstream),
    };
  },
  exchange(group, connection) {
    if (nginxComplaint(group) !== 'no-client-certificate') return null;
    const { upstream } = connection;
    return {
      variant: 'http',
      title: `upstream ${upstream} answers 400 because no client certificate was sent`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            'response.status': group.status,
            'response.headers.server': group.server,
            'response.content_length': group.contentLength,
            'request.path': group.path,
          },
          'the page nginx sends for "No required SSL certificate was sent", by its text or its length',
        ),
        ...(connection.tlsOut === null
          ? []
          : [handshakeFact(connection.tlsOut, 'TLS succeeded without a client certificate')]),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('a bad request', 'nginx has another page, of another length, for that', group),
      ],
      next: advice(upstream),
    };
  },
};

function refusalOf(connection: Connection): Handshake | null {
  const all = [connection.tlsOut, ...connection.late];
  return (
    all.find((one) => one?.side === 'out' && one.cause === 'client_cert_rejected') ??
    all.find((one) => one?.side === 'out' && one.cause === 'server_alert:certificate_required') ??
    null
  );
}

function advice(upstream: string): ReturnType<typeof step>[] {
  return [
    step('Give the proxy a client certificate the upstream trusts', {
      config: 'upstream: { client_cert: client.crt, client_key: client.key }',
    }),
    step('See which CAs the upstream accepts', {
      command: `openssl s_client -connect ${upstream} </dev/null | grep -A5 "Acceptable client certificate CA names"`,
    }),
  ];
}
