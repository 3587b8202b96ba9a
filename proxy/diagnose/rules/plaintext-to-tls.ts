import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const plaintextToTls: Rule = {
  id: 'plaintext-to-tls',
  certainty: 'proof',
  looksFor: 'a client that speaks plaintext to a TLS listener',
  evidence: '`tls` `in` `fail` with cause `http_request` or `not_tls`',
  cause:
    'The client does not speak TLS on this port: http:// for https://, or a client built without credentials.',
  advice: 'let the client use TLS, or give it a listener without `tls`',
  variants: {
    http: 'an HTTP/1 request, or the HTTP/2 preface',
    other: 'bytes of another protocol',
  },
  lookAlikes: {
    'proxy-header-malformed': 'a PROXY header before TLS is taken off unless `proxy_protocol.mode` is off',
    'upstream-speaks-plaintext': 'there it is the upstream that does not speak TLS',
    'client-tls-broken': 'there the client begins TLS and then breaks it',
  },
  first(connection) {
    const { tlsIn, listener } = connection;
    if (tlsIn?.cause !== 'http_request' && tlsIn?.cause !== 'not_tls') return null;
    const isHttp = tlsIn.cause === 'http_request';
    return {
      variant: isHttp ? 'http' : 'other',
      title: `clients speak plaintext ${isHttp ? 'HTTP ' : ''}to the TLS listener ${listener}`,
      key: listener,
      evidence: [
        handshakeFact(
          tlsIn,
          isHttp ? 'the first bytes are an HTTP request' : 'the first bytes are no TLS record',
        ),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ruledOut(
          'certificates, versions and ciphers',
          'no ClientHello came, so none of them was discussed',
          tlsIn,
        ),
        ruledOut('the upstream', 'it was never dialled', connection.close),
      ],
      next: [
        step('Use https:// (gRPC: channel credentials, not insecure; OTLP: an https endpoint)', {
          config: 'OTEL_EXPORTER_OTLP_ENDPOINT=https://…',
        }),
        step('Or add a listener without tls for these clients', {
          config: '- { name: plain, listen: "…", upstream: { … } }',
        }),
      ],
    };
  },
  text(line) {
    if (
      !/first record does not look like a TLS handshake|wrong version number|client sent an HTTP request to (?:an )?HTTPS server|plain HTTP request was sent to HTTPS port/i.test(
        line,
      )
    )
      return null;
    return {
      variant: 'other',
      certainty: 'hint',
      title: 'one side speaks plaintext where the other expects TLS, as this line says',
      key: 'text',
      evidence: [],
      next: [
        step('See which leg: the tls records that failed', {
          command: "wiretracer query FILE --format text 'proto=tls outcome=fail'",
        }),
      ],
    };
  },
};
