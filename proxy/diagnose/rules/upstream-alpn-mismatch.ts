import type { Connection } from '../facts/connection.ts';
import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

export const upstreamAlpnMismatch: Rule = {
  id: 'upstream-alpn-mismatch',
  certainty: 'proof',
  looksFor: 'a client and an upstream that share no ALPN protocol',
  evidence:
    '`conn` `close` with cause `alpn_mismatch`; `tls` `out` `fail` with alert 120, or ok with another protocol',
  cause: 'The upstream does not speak the protocol the client asked for by ALPN.',
  advice:
    'switch the protocol on in the upstream (nginx: `listen 443 ssl http2`), or lead these clients elsewhere',
  variants: {
    'no-h2': 'the client speaks HTTP/2 (gRPC does) and the upstream does not',
    'no-http1': 'the client speaks HTTP/1.1 and the upstream HTTP/2 alone',
    'not-offered': "the listener's own `upstream.alpn` leaves the client's protocol out",
  },
  lookAlikes: {
    'client-alpn-mismatch': 'there the listener itself refuses what the client offers',
    'h2-preface-to-http1': 'there no ALPN was agreed on, and HTTP/2 was sent all the same',
  },
  first(connection) {
    const { close, tlsOut } = connection;
    const refused = tlsOut?.cause === 'alpn_mismatch';
    if (!refused && close?.cause !== 'alpn_mismatch' && !isOldMismatch(connection)) return null;
    return tlsOut === null ? notOffered(connection) : notSpoken(connection, wantedOf(connection));
  },
  text(line) {
    if (
      !/no_application_protocol|no application protocol|alert number 120|NO_APPLICATION_PROTOCOL/.test(line)
    )
      return null;
    return {
      certainty: 'hint',
      title: 'a TLS handshake ended because the two sides share no ALPN protocol, as this line says',
      key: 'text',
      evidence: [],
      next: [
        step('gRPC needs h2: nginx `listen 443 ssl http2;`, HAProxy `alpn h2,http/1.1` on the bind line'),
        step('Ask the server', {
          command: 'openssl s_client -alpn h2 -connect HOST:PORT </dev/null | grep ALPN',
        }),
      ],
    };
  },
};

/** 1.50 agreed on h2 with the client before it knew the upstream. */
function isOldMismatch({ tlsIn, tlsOut, close }: Connection): boolean {
  return (
    close?.reason === 'upstream_protocol_error' &&
    tlsIn?.alpn === 'h2' &&
    tlsOut?.ok === true &&
    tlsOut.alpn !== 'h2'
  );
}

function wantedOf({ tlsIn, close }: Connection): string {
  return tlsIn?.alpn ?? tlsIn?.firstOffer ?? (close?.protocol === 'h2' ? 'h2' : 'http/1.1');
}

function notSpoken(connection: Connection, wanted: string): Match {
  const { upstream } = connection;
  const tlsOut = connection.tlsOut!;
  const isH2 = wanted === 'h2';
  const answer = tlsOut.ok
    ? `chose ${tlsOut.alpn ?? 'no protocol'}`
    : 'refused the handshake with no_application_protocol';
  return {
    variant: isH2 ? 'no-h2' : 'no-http1',
    title: `upstream ${upstream} does not speak ${wanted}, which the client needs: it ${answer}`,
    key: `${upstream} ${wanted}`,
    evidence: [
      handshakeFact(tlsOut, `offered ${wanted}, the upstream ${answer}`),
      ...(connection.tlsIn === null ? [] : [handshakeFact(connection.tlsIn, 'what the client wanted')]),
      ...closeFact(connection, 'the connection ended there'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'upstream'),
      ruledOut(
        'certificate, version and cipher of the upstream',
        tlsOut.ok ? 'the handshake succeeded' : 'the alert is about ALPN alone',
        tlsOut,
      ),
    ],
    next: isH2
      ? [
          step('Switch HTTP/2 on in the upstream', {
            config: 'nginx: listen 443 ssl http2;   HAProxy: bind :443 ssl crt … alpn h2,http/1.1',
          }),
          step('For OTLP over gRPC name the gRPC port of the collector (4317), not that of HTTP (4318)'),
          step('Ask it what it speaks', {
            command: `openssl s_client -alpn h2 -connect ${upstream} </dev/null | grep ALPN`,
          }),
        ]
      : [
          step('Let the client speak HTTP/2, or the upstream HTTP/1.1 too', {
            config: 'nginx: listen 443 ssl http2;   Node: http2.createSecureServer({ allowHTTP1: true, … })',
          }),
        ],
  };
}

function notOffered(connection: Connection): Match {
  const wanted = wantedOf(connection);
  const { upstream, listener } = connection;
  return {
    variant: 'not-offered',
    title: `listener ${listener} does not offer ${wanted} to upstream ${upstream}, and the client speaks nothing else`,
    key: `${listener} ${wanted}`,
    evidence: [
      ...closeFact(connection, 'ended before the upstream was dialled'),
      ...(connection.tlsIn === null ? [] : [handshakeFact(connection.tlsIn, 'what the client wanted')]),
    ],
    ruledOut: [
      ruledOut('the upstream', 'it was not dialled: the proxy had nothing to offer it', connection.close),
    ],
    next: [step('Offer it', { config: `upstream: { alpn: [${wanted}, http/1.1] }` })],
  };
}
