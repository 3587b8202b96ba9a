import type { Connection } from '../facts/connection.ts';
import { frameOf } from '../facts/control.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { closeFact, fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

export const h2PrefaceToHttp1: Rule = {
  id: 'h2-preface-to-http1',
  certainty: 'proof',
  looksFor: 'HTTP/2 sent to an endpoint that speaks HTTP/1.1: nginx logs `"PRI * HTTP/2.0" 400`',
  evidence:
    "an event or `conn` `close` of protocol h2 whose `error` says that the upstream's first bytes are `HTTP/1.`; no SETTINGS from it",
  cause:
    'The client speaks HTTP/2 and the endpoint HTTP/1.1: it takes the preface "PRI * HTTP/2.0" for a bad request and answers 400.',
  advice:
    'switch HTTP/2 on at the endpoint, or name the port that speaks it (OTLP: 4317 is gRPC, 4318 is HTTP)',
  variants: {
    plaintext: 'h2c with prior knowledge to a port that does not know it',
    'alpn-h2': 'TLS to the proxy agreed on h2, and the upstream is plaintext HTTP/1.1',
    'no-alpn': 'TLS without ALPN: the client assumed HTTP/2',
    'alpn-http1': 'ALPN agreed on http/1.1 and the client sent HTTP/2 all the same',
    'client-log': 'a line of a client log that says so',
  },
  lookAlikes: {
    'upstream-alpn-mismatch': 'there TLS refuses before a byte of HTTP is sent',
    'http1-to-h2': 'the reverse',
    'http2-breach': 'there the upstream speaks HTTP/2 and breaks it',
    'grpc-status-missing': 'there the upstream speaks HTTP/2 and is no gRPC server',
  },
  exchange(group, connection) {
    return saysHttp1(group.error) || isDisagreed(group.cause) ? told(connection, group) : null;
  },
  rest(connection) {
    const { close } = connection;
    return saysHttp1(close?.error ?? null) || isDisagreed(close?.cause ?? null)
      ? told(connection, null)
      : null;
  },
  text(line) {
    const found =
      /FRAME_SIZE_ERROR: ?4740180|frame too large.*HTTP\/1|looked like an HTTP\/1\.1 header|Trying to connect an http1\.x server|PRI \* HTTP\/2\.0" (?:400|405)/i.exec(
        line,
      );
    if (found === null) return null;
    return {
      variant: 'client-log',
      certainty: 'strong',
      title: line.includes('4740180')
        ? 'the client got HTTP/1 where it expects HTTP/2: the frame length 4740180 is 0x485454, the text "HTT" of an HTTP/1 answer'
        : 'HTTP/2 was sent to an endpoint that speaks HTTP/1.1, as this line says',
      key: 'text',
      evidence: [],
      ruledOut: [ruledOut('TLS and the network', 'an HTTP answer came back', null)],
      next: advice('the endpoint'),
    };
  },
};

function saysHttp1(error: string | null): boolean {
  return error?.startsWith('the first bytes are "HTTP/1.') ?? false;
}

/** What the proxy says of HTTP/2 on a connection that agreed on http/1.1. */
function isDisagreed(cause: string | null): boolean {
  return cause === 'h2_protocol_error:HTTP_1_1_REQUIRED';
}

function told(connection: Connection, group: ExchangeGroup | null): Match {
  const { tlsIn, upstream, close, control } = connection;
  const variant =
    tlsIn === null
      ? 'plaintext'
      : tlsIn.alpn === 'h2'
        ? 'alpn-h2'
        : tlsIn.alpn === null
          ? 'no-alpn'
          : 'alpn-http1';
  const ways = {
    plaintext: 'in plaintext, without asking (prior knowledge)',
    'alpn-h2': 'as ALPN agreed with the proxy, but the leg to the upstream is plaintext HTTP/1.1',
    'no-alpn': 'over TLS without ALPN, without asking',
    'alpn-http1': 'although ALPN agreed on http/1.1',
  } as const;
  const decode = frameOf(control, 'upstream', 'DECODE_ERROR');
  return {
    variant,
    title: `HTTP/2 is sent to ${upstream}, which speaks HTTP/1.1: ${ways[variant]}`,
    key: upstream,
    evidence: [
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                protocol: group.protocol,
                error: group.error,
                cause: group.cause,
                'request.path': group.path,
                'response.status': group.status,
              },
              'the answer begins as HTTP/1',
            ),
          ]),
      ...(decode === undefined
        ? []
        : [
            fact(
              decode,
              { direction: 'upstream', h2_event: 'DECODE_ERROR', 'details.error': decode.text },
              'where SETTINGS belong',
            ),
          ]),
      ...(tlsIn === null ? [] : [handshakeFact(tlsIn, `ALPN with the client: ${tlsIn.alpn ?? 'none'}`)]),
      ...closeFact(connection, 'how it ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
      ruledOut('a slow or dead upstream', `it answered ${close?.bytesOut ?? 'some'} bytes`, close),
      ...(control.recorded && !control.counts.has('upstream SETTINGS')
        ? [ruledOut('HTTP/2 at the upstream', 'it sent no SETTINGS', decode ?? close)]
        : []),
    ],
    next: [
      ...(variant === 'alpn-h2'
        ? [
            step('Let the listener agree on what the upstream speaks', {
              config: 'tls: { alpn: [http/1.1] }',
            }),
          ]
        : []),
      ...(variant === 'alpn-http1' || variant === 'no-alpn'
        ? [step('Let the client use what ALPN agreed on; offer h2 where the endpoint speaks it')]
        : []),
      ...advice(upstream),
    ],
  };
}

function advice(where: string): ReturnType<typeof step>[] {
  return [
    step(`Switch HTTP/2 on at ${where}`, {
      config: 'nginx: listen 443 ssl http2;   gRPC behind nginx: grpc_pass grpc://…;',
    }),
    step('Or name the port that speaks it: OTLP over gRPC is 4317, OTLP over HTTP 4318', {
      config: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
    }),
  ];
}
