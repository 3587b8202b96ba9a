import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const http1ToH2: Rule = {
  id: 'http1-to-h2',
  certainty: 'proof',
  looksFor: 'HTTP/1.1 sent to an endpoint that speaks HTTP/2 alone',
  evidence:
    'an event of protocol http1 without status and with the anomaly `http2_answer`; or `tls` `out` ok with `alpn` h2',
  cause:
    'The client speaks HTTP/1.1 and the endpoint HTTP/2: it answers with SETTINGS or GOAWAY frames, or closes.',
  advice:
    'let the client speak HTTP/2 (h2c with prior knowledge on plaintext), or let the endpoint take HTTP/1.1 too',
  lookAlikes: {
    'h2-preface-to-http1': 'the reverse',
    'upstream-expects-tls': 'there the answer is a TLS alert of 7 bytes',
    'http1-breach': 'there the answer is meant to be HTTP/1',
  },
  exchange(group, connection) {
    if (group.protocol !== 'http1' || group.status !== null || !isFrames(group, connection)) return null;
    const { upstream } = connection;
    return {
      title: `HTTP/1.1 is sent to ${upstream}, which answers in HTTP/2`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            protocol: 'http1',
            anomalies: group.anomalies,
            bytes_out: group.bytesOut,
            'request.method': group.method,
            'request.path': group.path,
          },
          'what came back is no status line',
        ),
        ...closeFact(connection, 'how it ended'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
        ruledOut(
          'a dead upstream',
          `it answered ${connection.close?.bytesOut ?? 'some'} bytes`,
          connection.close,
        ),
      ],
      next: [
        step('Let the client speak HTTP/2 to this port', {
          command: `curl --http2-prior-knowledge http://${upstream}/`,
        }),
        step('Or let the upstream take HTTP/1.1 too', {
          config: 'Node: http2.createSecureServer({ allowHTTP1: true, … });   Envoy: codec_type: AUTO',
        }),
      ],
    };
  },
};

function isFrames(group: ExchangeGroup, { tlsOut }: Connection): boolean {
  return group.anomalies.includes('http2_answer') || (tlsOut?.ok === true && tlsOut.alpn === 'h2');
}
